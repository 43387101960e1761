"""The middleware that counts: every message on its way in, and what is published on the way."""

import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import cache
from typing import Any

from faststream import BaseMiddleware, StreamMessage
from faststream._internal.context import ContextRepo
from faststream.exceptions import IgnoredException, NackMessage
from faststream.kafka.response import KafkaPublishCommand

from shared.contracts.events import BackgroundGenerated, Event
from shared.runtime.health import Health
from shared.runtime.in_hand import InHand, age_s, in_hand, said_at
from shared.runtime.records import RETRY_SUFFIX, Record, records_of, topic_of_record
from shared.runtime.telemetry.metrics import Metrics, exemplar_of

REMEMBERED = 10_000


class Meters:
    """The metrics of one topic, looked up once: zero from the first message on, and cheap for each."""

    def __init__(self, metrics: Metrics, topic: str) -> None:
        labels = (metrics.service, topic)
        self.batch = metrics.batch.labels(*labels)
        self.age = metrics.queue_age.labels(*labels)
        self.in_flight = metrics.in_flight.labels(*labels)
        self.seconds = metrics.seconds.labels(*labels)
        self.done = metrics.messages.labels(*labels, "done")
        self.left = metrics.messages.labels(*labels, "left")
        self.duplicates = metrics.duplicates.labels(*labels)


class Counted:
    """Makes the counting middleware of one service; FastStream calls it once per message."""

    def __init__(self, metrics: Metrics, health: Health) -> None:
        self.metrics = metrics
        self.health = health
        self.heard: list[Callable[[Event], None]] = []
        self.seen: dict[int, None] = {}
        self.meters = cache(lambda topic: Meters(metrics, topic))
        self.published = cache(lambda topic: metrics.published.labels(metrics.service, topic))
        metrics.oldest.labels(metrics.service).set_function(lambda: max(health.oldest_handler_s, 0.0))

    def __call__(self, msg: Any, /, *, context: ContextRepo) -> "CountedMessage":
        return CountedMessage(msg, context=context, counted=self)

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


class CountedMessage(BaseMiddleware[Any, Any]):
    """Counts one message on its way in, and what is published on the way."""

    def __init__(self, msg: Any, /, *, context: ContextRepo, counted: Counted) -> None:
        super().__init__(msg, context=context)
        self.counted = counted

    async def consume_scope(
        self, call_next: Callable[[StreamMessage[Any]], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        """Time the handler and count its outcome. `done` here; all else where that is decided."""
        batch = records_of(msg.raw_message)
        meters = self.counted.meters(topic_of_record(batch[0]))
        waits = batch[0].topic.endswith(RETRY_SUFFIX)  # on purpose: that says nothing of how fast the stage is
        in_flight = nullcontext() if waits else meters.in_flight.track_inprogress()
        self._count_arrival(msg, batch, meters, waits)
        started = time.perf_counter()
        with self.counted.health.handling(), in_flight:
            try:
                result = await call_next(msg)
            except NackMessage:
                meters.left.inc()
                raise
            except IgnoredException:  # counted by whoever raised it
                raise
            self._count_time(None if waits else time.perf_counter() - started, meters)
            meters.done.inc(len(batch))
            self._count_duplicates(msg, meters)
            return result

    async def publish_scope(
        self, call_next: Callable[[KafkaPublishCommand], Awaitable[Any]], cmd: KafkaPublishCommand
    ) -> Any:
        """Count what the producer took, and what an event says came of the work."""
        result = await call_next(cmd)
        self.counted.published(cmd.destination).inc()
        if isinstance(cmd.body, Event):
            self._count_event(cmd.body)
        return result

    def _count_arrival(self, msg: StreamMessage[Any], batch: tuple[Record, ...], meters: Meters, waits: bool) -> None:
        now = time.time()
        meters.batch.observe(len(batch))
        if waits:
            return
        for record, headers in zip(batch, msg.batch_headers or (msg.headers,), strict=False):
            meters.age.observe(age_s(said_at(headers, record), now))

    def _count_time(self, took: float | None, meters: Meters) -> None:
        hop = in_hand.get()
        if took is not None:
            meters.seconds.observe(took, exemplar_of(hop.trace.trace_id if hop else None))
        if hop is not None and hop.options_at:
            self._observe_option("last", hop, hop.options_at[-1])

    def _count_event(self, event: Event) -> None:
        self.counted.metrics.announced(event)
        for hear in self.counted.heard:
            hear(event)
        hop = in_hand.get()
        if isinstance(event, BackgroundGenerated) and hop is not None:
            hop.options_at.append(time.time())
            if len(hop.options_at) == 1:
                self._observe_option("first", hop, hop.options_at[0])

    def _observe_option(self, option: str, hop: InHand, at: float) -> None:
        if hop.submitted_at is not None:
            options = self.counted.metrics.options.labels(self.counted.metrics.service, option)
            options.observe(age_s(hop.submitted_at, at), exemplar_of(hop.trace.trace_id))

    def _count_duplicates(self, msg: StreamMessage[Any], meters: Meters) -> None:
        handler = id(self.context.get_local("handler_"))
        for headers in msg.batch_headers or (msg.headers,):
            if self.counted.seen_before(handler, headers.get("ce_id")):
                meters.duplicates.inc()
