"""The envelope of every message: CloudEvents headers, a W3C trace, and the key."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import Token
from typing import Any

from shared.contracts.events import Event
from shared.runtime.cloud_events import Trace, cloud_event_headers
from shared.runtime.in_hand import SUBMITTED, InHand, PendingPublishes, in_hand, rfc3339, submitted_at
from shared.runtime.message import Message
from shared.runtime.records import Headers, key_of, with_headers
from shared.runtime.telemetry.tracing import Spans


class Envelope:
    """Opens the envelopes of consumed messages, seals those of published ones."""

    def __init__(self, *, service: str, spans: Spans) -> None:
        self.service = service
        self.spans = spans
        self._source = f"backdrop/{service}"

    def opened(self, message: Message, pending: PendingPublishes | None = None) -> "Opened":
        """While a message is in hand: go on with its trace, name it in every log line, and keep its answers together.

        What a task of its handler's publishes afterwards is waited for there.
        """
        return Opened(self, message, pending)

    def headers(
        self, event: Event, body: bytes, trace: Trace, hop: InHand | None, own: Mapping[str, str] | None
    ) -> Headers:
        """What an event that is about to be published says of itself; what its publisher set stays.

        `hop`: the message that it answers, `trace`: its own hop of that message's trace.
        """
        headers = cloud_event_headers(event, source=self._source, body=body)
        if hop is not None and hop.submitted_at is not None:
            headers.append((SUBMITTED, rfc3339(hop.submitted_at).encode()))
        headers.append(("traceparent", str(trace).encode()))
        return with_headers(headers, own) if own else headers


class Opened:
    """A message in hand, for a `with`: a class, for a generator would cost more than all that happens here."""

    __slots__ = ("_envelope", "_message", "_pending", "_span", "_token")

    def __init__(self, envelope: Envelope, message: Message, pending: PendingPublishes | None) -> None:
        self._envelope = envelope
        self._message = message
        self._pending = pending

    def __enter__(self) -> InHand:
        message, record, headers = self._message, self._message.records[0], self._message.headers[0]
        topic, key = message.road.topic, {message.road.key_name: key_of(record)}
        self._span: AbstractContextManager[Trace] = self._envelope.spans.message(
            topic, Trace.read(headers.get("traceparent")), key
        )
        trace = self._span.__enter__()
        facts = {"service": self._envelope.service, "topic": topic, "trace_id": trace.trace_id, **key}
        batch = _others(message) if len(message.records) > 1 else None
        hop = InHand(trace, submitted_at(headers, record, topic), facts, batch=batch, pending=self._pending)
        self._token: Token[InHand | None] = in_hand.set(hop)
        return hop

    def __exit__(self, *raised: Any) -> None:
        in_hand.reset(self._token)
        if self._pending is not None:
            self._pending.open = False
        self._span.__exit__(*raised)


def _others(message: Message) -> dict[str, InHand]:
    """Those that came in a batch with the first: an answer goes on with the trace of the message it belongs to."""
    found, first = dict[str, InHand](), key_of(message.records[0])
    for record, headers in zip(message.records[1:], message.headers[1:], strict=True):
        if (trace := Trace.read(headers.get("traceparent"))) is not None and key_of(record) != first:
            found[key_of(record)] = InHand(trace, submitted_at(headers, record, message.road.topic))
    return found
