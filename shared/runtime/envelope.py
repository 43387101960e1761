"""The envelope of every message: CloudEvents 1.0 headers in binary mode, a W3C trace, and the key.

Sources: CloudEvents Kafka protocol binding 1.0.2, W3C Trace Context level 1 (`traceparent`).
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from faststream import BaseMiddleware, StreamMessage
from faststream._internal.context import ContextRepo
from faststream.kafka.response import KafkaPublishCommand

from shared.contracts.events import Event
from shared.contracts.identity import event_id
from shared.runtime.records import key_name, key_of, records_of, topic_of_record

CONTENT_TYPE = "application/json"
TYPE_PREFIX = "backdrop."
_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


@dataclass(frozen=True)
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
        return Trace(self.trace_id, secrets.token_hex(8), self.flags)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)


def cloud_event_headers(event: Event, *, source: str) -> dict[str, str]:
    """The CloudEvents headers of an event; `ce_id` depends on nothing but its content."""
    return {
        "ce_specversion": "1.0",
        "ce_id": event_id(event),
        "ce_type": TYPE_PREFIX + type(event).__name__,
        "ce_source": source,
        "ce_time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "content-type": CONTENT_TYPE,
    }


class Envelope:
    """Makes the enveloping middleware of one service; FastStream calls it once per message."""

    def __init__(self, *, service: str) -> None:
        self.service = service

    def __call__(self, msg: Any, /, *, context: ContextRepo) -> "EnvelopedMessage":
        return EnvelopedMessage(msg, context=context, service=self.service)


class EnvelopedMessage(BaseMiddleware[Any, Any]):
    """Opens the envelope of a consumed message, seals those of published ones."""

    def __init__(self, msg: Any, /, *, context: ContextRepo, service: str) -> None:
        super().__init__(msg, context=context)
        self.service = service
        self.trace: Trace | None = None

    async def consume_scope(
        self, call_next: Callable[[StreamMessage[Any]], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        """Go on with the trace of the message, and name it in every log line meanwhile."""
        record = records_of(msg.raw_message)[0]
        self.trace = trace = (Trace.read(msg.headers.get("traceparent")) or Trace.new()).child()
        topic = topic_of_record(record)
        facts = {"service": self.service, "topic": topic, "trace_id": trace.trace_id, key_name(topic): key_of(record)}
        token = current_trace.set(trace)
        try:
            with structlog.contextvars.bound_contextvars(**facts):
                return await call_next(msg)
        finally:
            current_trace.reset(token)

    async def publish_scope(
        self, call_next: Callable[[KafkaPublishCommand], Awaitable[Any]], cmd: KafkaPublishCommand
    ) -> Any:
        """Add headers and key to an event; anything else (a dead letter's bytes) passes as it is."""
        if isinstance(cmd.body, Event):
            trace = self.trace or current_trace.get() or Trace.new()  # a returned answer leaves after the handler
            ours = cloud_event_headers(cmd.body, source=f"backdrop/{self.service}")
            cmd.headers = {**ours, "traceparent": str(trace.child()), **(cmd.headers or {})}
            cmd.key = cmd.key or cmd.body.key.encode()
        return await call_next(cmd)
