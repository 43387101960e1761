"""The envelope of every message, put on as a middleware: CloudEvents headers, a W3C trace, and the key."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from faststream import BaseMiddleware, StreamMessage
from faststream._internal.context import ContextRepo
from faststream.kafka.response import KafkaPublishCommand

from shared.contracts.events import Event
from shared.runtime.cloud_events import Trace, cloud_event_headers
from shared.runtime.in_hand import SUBMITTED, InHand, in_hand, rfc3339, submitted_at
from shared.runtime.records import key_name, key_of, records_of, topic_of_record
from shared.runtime.telemetry.tracing import Spans


class Envelope:
    """Makes the enveloping middleware of one service; FastStream calls it once per message."""

    def __init__(self, *, service: str, spans: Spans) -> None:
        self.service = service
        self.spans = spans

    def __call__(self, msg: Any, /, *, context: ContextRepo) -> "EnvelopedMessage":
        return EnvelopedMessage(msg, context=context, envelope=self)


class EnvelopedMessage(BaseMiddleware[Any, Any]):
    """Opens the envelope of a consumed message, seals those of published ones."""

    def __init__(self, msg: Any, /, *, context: ContextRepo, envelope: Envelope) -> None:
        super().__init__(msg, context=context)
        self.envelope = envelope
        self.hop: InHand | None = None

    async def consume_scope(
        self, call_next: Callable[[StreamMessage[Any]], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        """Go on with the trace of the message, and name it in every log line meanwhile."""
        record = records_of(msg.raw_message)[0]
        topic, parent = topic_of_record(record), Trace.read(msg.headers.get("traceparent"))
        key = {key_name(topic): key_of(record)}
        with self.envelope.spans.message(topic, parent, key) as trace:
            self.hop = InHand(trace, submitted_at(msg.headers, record, topic), batch=_others(msg, topic))
            facts = {"service": self.envelope.service, "topic": topic, "trace_id": trace.trace_id, **key}
            token = in_hand.set(self.hop)
            try:
                with structlog.contextvars.bound_contextvars(**facts):
                    return await call_next(msg)
            finally:
                in_hand.reset(token)

    async def publish_scope(
        self, call_next: Callable[[KafkaPublishCommand], Awaitable[Any]], cmd: KafkaPublishCommand
    ) -> Any:
        """Add headers and key to an event; anything else (a dead letter's bytes) passes as it is."""
        if not isinstance(cmd.body, Event):
            return await call_next(cmd)
        hop = self.hop or in_hand.get()  # a returned answer leaves after the handler
        hop = None if hop is None else hop.of(cmd.body.key)
        with self.envelope.spans.publish(cmd.destination, hop.trace if hop else None) as trace:
            ours = cloud_event_headers(cmd.body, source=f"backdrop/{self.envelope.service}")
            since = {} if hop is None or hop.submitted_at is None else {SUBMITTED: rfc3339(hop.submitted_at)}
            cmd.headers = {**ours, **since, "traceparent": str(trace), **(cmd.headers or {})}
            cmd.key = cmd.key or cmd.body.key.encode()
            return await call_next(cmd)


def _others(msg: StreamMessage[Any], topic: str) -> dict[str, InHand]:
    """Those that came in a batch with the first: an answer goes on with the trace of the message it belongs to."""
    records, found = records_of(msg.raw_message), dict[str, InHand]()
    for record, headers in zip(records[1:], (msg.batch_headers or [])[1:], strict=False):
        if (trace := Trace.read(headers.get("traceparent"))) is not None and key_of(record) != key_of(records[0]):
            found[key_of(record)] = InHand(trace, submitted_at(headers, record, topic))
    return found
