"""The envelope of every message, put on as a middleware: CloudEvents headers, a W3C trace, and the key."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import structlog
from faststream import BaseMiddleware, StreamMessage
from faststream._internal.context import ContextRepo
from faststream.kafka.response import KafkaPublishCommand

from shared.contracts.events import Event
from shared.runtime.cloud_events import Trace, cloud_event_headers
from shared.runtime.records import key_name, key_of, records_of, topic_of_record

current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)


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
