"""The envelope of every message: CloudEvents headers, a W3C trace, and the key."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from shared.contracts.events import Event
from shared.runtime.cloud_events import Trace, cloud_event_headers
from shared.runtime.in_hand import SUBMITTED, InHand, in_hand, rfc3339, submitted_at
from shared.runtime.message import Message
from shared.runtime.records import key_of
from shared.runtime.telemetry.tracing import Spans


class Envelope:
    """Opens the envelopes of consumed messages, seals those of published ones."""

    def __init__(self, *, service: str, spans: Spans) -> None:
        self.service = service
        self.spans = spans
        self._source = f"backdrop/{service}"

    @contextmanager
    def opened(self, message: Message) -> Iterator[InHand]:
        """While a message is in hand: go on with its trace, and name it in every log line."""
        record, headers, topic = message.records[0], message.headers[0], message.road.topic
        key = {message.road.key_name: key_of(record)}
        with self.spans.message(topic, Trace.read(headers.get("traceparent")), key) as trace:
            facts = {"service": self.service, "topic": topic, "trace_id": trace.trace_id, **key}
            batch = _others(message) if len(message.records) > 1 else {}
            hop = InHand(trace, submitted_at(headers, record, topic), facts, batch=batch)
            token = in_hand.set(hop)
            try:
                yield hop
            finally:
                in_hand.reset(token)

    def headers(
        self, event: Event, body: str, trace: Trace, hop: InHand | None, own: Mapping[str, str] | None
    ) -> dict[str, str]:
        """What an event that is about to be published says of itself; what its publisher set stays.

        `hop`: the message that it answers, `trace`: its own hop of that message's trace.
        """
        headers = cloud_event_headers(event, source=self._source, body=body)
        if hop is not None and hop.submitted_at is not None:
            headers[SUBMITTED] = rfc3339(hop.submitted_at)
        headers["traceparent"] = str(trace)
        return {**headers, **own} if own else headers


def _others(message: Message) -> dict[str, InHand]:
    """Those that came in a batch with the first: an answer goes on with the trace of the message it belongs to."""
    found, first = dict[str, InHand](), key_of(message.records[0])
    for record, headers in zip(message.records[1:], message.headers[1:], strict=True):
        if (trace := Trace.read(headers.get("traceparent"))) is not None and key_of(record) != first:
            found[key_of(record)] = InHand(trace, submitted_at(headers, record, message.road.topic))
    return found
