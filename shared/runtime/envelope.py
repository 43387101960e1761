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
        key = {message.road.key_name: key_of(message.records[0])}
        parent = Trace.read(message.headers[0].get("traceparent"))
        return Opened(self.service, message, key, pending, self.spans.message(message.road.topic, parent, key))

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

    __slots__ = ("_key", "_message", "_pending", "_service", "_span", "_token")

    def __init__(
        self,
        service: str,
        message: Message,
        key: Mapping[str, str],
        pending: PendingPublishes | None,
        span: AbstractContextManager[Trace],
    ) -> None:
        self._service = service
        self._message = message
        self._key = key
        self._pending = pending
        self._span = span

    def __enter__(self) -> InHand:
        message, trace = self._message, self._span.__enter__()
        topic = message.road.topic
        facts = {"service": self._service, "topic": topic, "trace_id": trace.trace_id, **self._key}
        batch = _others(message) if len(message.records) > 1 else None
        hop = InHand(
            trace,
            submitted_at(message.headers[0], message.records[0], topic),
            facts,
            batch=batch,
            pending=self._pending,
        )
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
