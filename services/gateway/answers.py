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
    """What an idempotency key has; no status while it is being worked on: by the caller, where it is `ours`.

    `asked`: when the key came first, whatever became of that.
    """

    fingerprint: str
    status: int | None
    body: str | None
    asked: datetime
    ours: bool = False


class Answers(Protocol):
    """Where answers are kept for a day."""

    def begin(self, tenant: str, key: str, fingerprint: str, now: datetime) -> KeptAnswer:
        """Take a key that is new, was given back, or whose holder has died over the same request; else what it has."""
        ...

    def finish(self, tenant: str, key: str, status: int, body: str) -> None:
        """Keep the answer."""
        ...

    def abandon(self, tenant: str, key: str) -> None:
        """Give the key back; when it came first stays known, since some of its work may be out."""
        ...


def earlier_answer(kept: KeptAnswer, fingerprint: str) -> tuple[int, str] | None:
    """Status and body to repeat; None for who is to do the work. Raises BadRequest or Conflict."""
    if kept.ours:
        return None
    if kept.fingerprint != fingerprint:
        words = "this Idempotency-Key was used for another request; give each request its own"
        raise BadRequest("idempotency_key_reused", words)
    if kept.status is None:
        words = "the first request with this Idempotency-Key is still being worked on"
        raise Conflict("idempotency_key_busy", words)
    return kept.status, kept.body or ""
