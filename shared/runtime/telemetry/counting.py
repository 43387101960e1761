"""What is counted of messages: of each on its way in, and of what is published on the way."""

import time
from collections.abc import Callable
from functools import cache

from shared.contracts.events import BackgroundGenerated, Event
from shared.runtime.health import Health
from shared.runtime.in_hand import InHand, age_s, said_at
from shared.runtime.message import Message
from shared.runtime.telemetry.metrics import BUCKETS_S, Metrics, exemplar_of

REMEMBERED = 10_000
QUICK_S = BUCKETS_S[0]  # nobody asks for the trace of a message that was handled as quickly as can be told


class Meters:
    """The metrics of one topic, looked up once: zero from the first message on, and cheap for each."""

    def __init__(self, metrics: Metrics, topic: str) -> None:
        labels = (metrics.service, topic)
        self.batch = metrics.batch.labels(*labels)
        self.age = metrics.queue_age.labels(*labels)
        self.in_flight = 0
        metrics.in_flight.labels(*labels).set_function(lambda: self.in_flight)
        self.seconds = metrics.seconds.labels(*labels)
        self.done = metrics.messages.labels(*labels, "done")
        self.left = metrics.messages.labels(*labels, "left")
        self.duplicates = metrics.duplicates.labels(*labels)


class Counted:
    """Counts the messages of one service."""

    def __init__(self, metrics: Metrics, health: Health) -> None:
        self.metrics = metrics
        self.health = health
        self.heard: list[Callable[[Event], None]] = []
        self.seen: dict[int, None] = {}
        self.meters = cache(lambda topic: Meters(metrics, topic))
        self.published = cache(lambda topic: metrics.published.labels(metrics.service, topic))
        metrics.oldest.labels(metrics.service).set_function(lambda: max(health.oldest_handler_s, 0.0))

    def begin(self, message: Message) -> tuple[Meters, int]:
        """A message is in hand: its age and the size of its batch, and that it is there. What `end` wants to know."""
        meters, waits = self.meters(message.road.topic), message.road.waits
        meters.batch.observe(len(message.records))
        if not waits:  # what does waits on purpose: that says nothing of how fast the stage is
            now = time.time()
            for record, headers in zip(message.records, message.headers, strict=True):
                meters.age.observe(age_s(said_at(headers, record), now))
            meters.in_flight += 1
        return meters, self.health.begin()

    def end(self, message: Message, meters: Meters, token: int) -> None:
        """It is in hand no more."""
        self.health.end(token)
        if not message.road.waits:
            meters.in_flight -= 1

    def done(self, message: Message, meters: Meters, hop: InHand, took_s: float, *, handler: int) -> None:
        """A handler succeeded; what else may become of a message is counted where that is decided."""
        if not message.road.waits:
            meters.seconds.observe(took_s, exemplar_of(hop.trace.trace_id) if took_s > QUICK_S else None)
        for one in hop.all():
            if one.options_at:
                self._observe_option("last", one, one.options_at[-1])
        meters.done.inc(len(message.records))
        for headers in message.headers:
            if self.seen_before(handler, headers.get("ce_id")):
                meters.duplicates.inc()

    def left(self, topic: str) -> None:
        """A message was published: sent, or sure to be."""
        self.published(topic).inc()

    def said(self, event: Event, hop: InHand | None) -> None:
        """What a published event says came of the work; `hop`: the message that it answers."""
        self.metrics.announced(event)
        for hear in self.heard:
            hear(event)
        if isinstance(event, BackgroundGenerated) and hop is not None:
            hop.options_at += (time.time(),)
            if len(hop.options_at) == 1:
                self._observe_option("first", hop, hop.options_at[0])

    def seen_before(self, handler: int, event_id: str | None) -> bool:
        """Whether this process handled an event of that id lately; remembers its hash, for ids may be of any length."""
        if event_id is None:
            return False
        mark = hash((handler, event_id))
        known = mark in self.seen
        self.seen[mark] = None
        if len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]
        return known

    def _observe_option(self, option: str, hop: InHand, at: float) -> None:
        if hop.submitted_at is not None:
            options = self.metrics.options.labels(self.metrics.service, option)
            options.observe(age_s(hop.submitted_at, at), exemplar_of(hop.trace.trace_id))
