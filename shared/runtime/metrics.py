"""Prometheus metrics of a service's message handling, in its own registry, and the middleware that counts them."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from faststream import BaseMiddleware, StreamMessage
from faststream._internal.context import ContextRepo
from faststream.exceptions import IgnoredException, NackMessage
from faststream.kafka.response import KafkaPublishCommand
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.runtime.health import Health
from shared.runtime.records import records_of, topic_of_record

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
REMEMBERED = 10_000


class Metrics:
    """Everything the runtime counts. Labels: `service`, `topic` (T also for records of T.retry), and what is said."""

    def __init__(self, registry: CollectorRegistry, *, service: str) -> None:
        self.service = service
        where = ("service", "topic")
        self.messages = Counter(
            "backdrop_messages", "Messages by outcome: done, retried, answered, dead, left, skipped",
            (*where, "outcome"), registry=registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "backdrop_handler_seconds", "Time a message was in hand", where, buckets=BUCKETS_S, registry=registry
        )
        self.in_flight = Gauge("backdrop_in_flight", "Messages in hand now", where, registry=registry)
        self.tries = Counter(
            "backdrop_tries_again", "Tries after the first, by what went wrong", (*where, "reason"), registry=registry
        )
        self.waiting = Gauge(
            "backdrop_waiting", "Messages that wait in place for a dependency", ("service", "reason"), registry=registry
        )
        self.dead = Counter(
            "backdrop_dead_letters", "Messages given up, by reason", (*where, "reason"), registry=registry
        )
        self.published = Counter("backdrop_published", "Messages published", where, registry=registry)
        self.duplicates = Counter(
            "backdrop_duplicates", "Messages whose event this process had handled before", where, registry=registry
        )
        self.commit_failures = Counter(
            "backdrop_commit_failures", "Offset commits that Kafka refused", ("service",), registry=registry
        )
        self.lag = Gauge(
            "backdrop_consumer_lag", "Messages not yet read, by partition", (*where, "partition"), registry=registry
        )
        self.loop_lag = Gauge(
            "backdrop_loop_lag_seconds", "How late the event loop runs", ("service",), registry=registry
        )


class Counted:
    """Makes the counting middleware of one service; FastStream calls it once per message."""

    def __init__(self, metrics: Metrics, health: Health) -> None:
        self.metrics = metrics
        self.health = health
        self.seen: dict[int, None] = {}

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
        metrics, labels = self.counted.metrics, self._labels(msg)
        started = time.perf_counter()
        with self.counted.health.handling(), metrics.in_flight.labels(*labels).track_inprogress():
            try:
                result = await call_next(msg)
            except NackMessage:
                metrics.messages.labels(*labels, "left").inc()
                raise
            except IgnoredException:  # counted by whoever raised it
                raise
            metrics.seconds.labels(*labels).observe(time.perf_counter() - started)
            metrics.messages.labels(*labels, "done").inc(len(records_of(msg.raw_message)))
            self._count_duplicates(msg, labels)
            return result

    async def publish_scope(
        self, call_next: Callable[[KafkaPublishCommand], Awaitable[Any]], cmd: KafkaPublishCommand
    ) -> Any:
        """Count what the producer took."""
        result = await call_next(cmd)
        self.counted.metrics.published.labels(self.counted.metrics.service, cmd.destination).inc()
        return result

    def _labels(self, msg: StreamMessage[Any]) -> tuple[str, str]:
        return self.counted.metrics.service, topic_of_record(records_of(msg.raw_message)[0])

    def _count_duplicates(self, msg: StreamMessage[Any], labels: tuple[str, str]) -> None:
        handler = id(self.context.get_local("handler_"))
        for headers in msg.batch_headers or (msg.headers,):
            if self.counted.seen_before(handler, headers.get("ce_id")):
                self.counted.metrics.duplicates.labels(*labels).inc()
