"""Idempotency keys: a request that is sent again gets the first one's answer; with another body it is refused. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.contracts.errors import BadRequest

STUCK = timedelta(minutes=2)  # who holds a key for longer has died over it


class Conflict(BadRequest):
    """The same key is being worked on right now."""


@dataclass(frozen=True)
class KeptAnswer:
    """What an idempotency key has; no status while it is being worked on."""

    fingerprint: str
    status: int | None
    body: str | None
    asked: datetime


class Answers(Protocol):
    """Where answers are kept for a day."""

    def begin(self, tenant: str, key: str, fingerprint: str, now: datetime) -> KeptAnswer | None:
        """Take a key; None when it is new."""
        ...

    def finish(self, tenant: str, key: str, status: int, body: str) -> None:
        """Keep the answer."""
        ...

    def abandon(self, tenant: str, key: str) -> None:
        """Give the key back."""
        ...


def earlier_answer(kept: KeptAnswer, fingerprint: str, now: datetime) -> tuple[int, str] | None:
    """Status and body to repeat; None when whoever held the key has died over it. Raises BadRequest or Conflict."""
    if kept.fingerprint != fingerprint:
        words = "this Idempotency-Key was used for another request; give each request its own"
        raise BadRequest("idempotency_key_reused", words)
    if kept.status is not None:
        return kept.status, kept.body or ""
    if now - kept.asked < STUCK:
        raise Conflict("idempotency_key_busy", "the first request with this Idempotency-Key is still being worked on")
    return None
