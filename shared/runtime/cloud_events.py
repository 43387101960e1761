"""What the headers of every message say: CloudEvents 1.0 in binary mode, and a W3C trace. Pure.

Sources: CloudEvents Kafka protocol binding 1.0.2, W3C Trace Context level 1 (`traceparent`).
"""

import random
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache

from shared.contracts.events import Event
from shared.contracts.identity import body_id

CONTENT_TYPE = b"application/json"
TYPE_PREFIX = "backdrop."

Pairs = list[tuple[str, bytes]]
"""Headers as Kafka takes them."""

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


@dataclass(slots=True)
class Trace:
    """One hop of a W3C trace."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @classmethod
    def new(cls) -> "Trace":
        """A trace that begins here."""
        drawn = secrets.token_hex(24)
        return cls(drawn[:32], drawn[32:])

    @classmethod
    def read(cls, traceparent: str | None) -> "Trace | None":
        """The trace a header names; None when absent or malformed."""
        found = _TRACEPARENT.match(traceparent or "")
        return cls(*found.groups()) if found else None

    def child(self) -> "Trace":
        """The next hop of the same trace."""
        return Trace(self.trace_id, f"{random.getrandbits(64) or 1:016x}", self.flags)  # no secret: one per hop

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def cloud_event_headers(event: Event, *, source: str, body: bytes | None = None) -> Pairs:
    """The CloudEvents headers of an event; `ce_id` depends on nothing but its content. `body`: its JSON, if at hand."""
    kind = type(event).__name__
    found = body_id(kind, event.model_dump_json().encode() if body is None else body)
    return [*_of_its_kind(kind, source), ("ce_id", found.encode()), ("ce_time", _told(time.time_ns() // 1_000_000))]


@cache
def _of_its_kind(kind: str, source: str) -> tuple[tuple[str, bytes], ...]:
    """What all events of a kind say that one service publishes; they are as many as the contract has."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", f"{TYPE_PREFIX}{kind}".encode()),
        ("ce_source", source.encode()),
        ("content-type", CONTENT_TYPE),
    )


@lru_cache(maxsize=1)
def _told(milliseconds: int) -> bytes:
    """A moment since 1970 as RFC 3339; under load many events share theirs."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").encode()
