"""What the headers of every message say: CloudEvents 1.0 in binary mode, and a W3C trace. Pure.

Sources: CloudEvents Kafka protocol binding 1.0.2, W3C Trace Context level 1 (`traceparent`).
"""

import random
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contracts.events import Event
from shared.contracts.identity import body_id, event_id

CONTENT_TYPE = "application/json"
TYPE_PREFIX = "backdrop."
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
        return cls(secrets.token_hex(16), secrets.token_hex(8))

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


def cloud_event_headers(event: Event, *, source: str, body: str | None = None) -> dict[str, str]:
    """The CloudEvents headers of an event; `ce_id` depends on nothing but its content. `body`: its JSON, if at hand."""
    kind = type(event).__name__
    return {
        "ce_specversion": "1.0",
        "ce_id": event_id(event) if body is None else body_id(kind, body),
        "ce_type": TYPE_PREFIX + kind,
        "ce_source": source,
        "ce_time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "content-type": CONTENT_TYPE,
    }
