"""Prometheus metrics that every service has, in its own registry; docs/metrics.md lists them.

Every label is bounded: by the contract's topics, by words that stand in the code, by a topic's partitions.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from shared.contracts.events import Event
from shared.runtime.telemetry.outcomes import outcome_of
from shared.runtime.telemetry.quick import QuickCounter, QuickHistogram

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
MOST_WORDS = 64
OTHER = "other"

CacheInfo = Callable[[], tuple[int, int]]
"""Hits and misses of a cache since the process began."""


class BoundedLabel:
    """Keeps a label bounded: the first so many words stand for themselves, all others are `other`."""

    def __init__(self, most: int = MOST_WORDS) -> None:
        self.most = most
        self._known: set[str] = set()

    def __call__(self, word: str) -> str:
        """The word, or `other`."""
        if word not in self._known:
            if len(self._known) >= self.most:
                return OTHER
            self._known.add(word)
        return word


class Caches(Collector):
    """Hits and misses, read from the caches whenever the metrics are read."""

    labels = ("service", "cache", "result")

    def __init__(self, service: str) -> None:
        self._service = service
        self._caches: dict[str, CacheInfo] = {}

    def watch(self, name: str, info: CacheInfo) -> None:
        """Read one more."""
        self._caches[name] = info

    def collect(self) -> Iterator[CounterMetricFamily]:
        """As the registry asks for them."""
        says = "Requests to a cache, by result: hit or miss"
        family = CounterMetricFamily("backdrop_cache_requests", says, labels=self.labels)
        for name, info in self._caches.items():
            for result, count in zip(("hit", "miss"), info(), strict=True):
                family.add_metric((self._service, name, result), count)
        yield family


class Metrics:
    """Everything the runtime counts. Labels: `service`, `topic` (T also for records of T.retry), and what is said."""

    def __init__(self, registry: CollectorRegistry, *, service: str) -> None:
        self.service = service
        self.registry = registry
        self._words = BoundedLabel()
        self._outcome = cache(lambda outcome, reason: self.outcomes.labels(service, outcome, reason))
        self._of_messages()
        self._of_failures()
        self._of_results()
        self._of_the_work()
        self._of_the_process()

    def _of_messages(self) -> None:
        where = ("service", "topic")
        self.messages = self._counter(
            "backdrop_messages",
            "Messages by outcome: done, retried, answered, dead, left, skipped",
            (*where, "outcome"),
            QuickCounter,
        )
        self.seconds = self._seconds(
            "backdrop_handler_seconds",
            "Time a message was in hand, retries in place included, T.retry not",
            where,
            QuickHistogram,
        )
        self.queue_age = self._seconds(
            "backdrop_queue_age_seconds",
            "Age of a message when its handling began, from its ce_time; T.retry not included",
            where,
            QuickHistogram,
        )
        self.batch = QuickHistogram(
            "backdrop_batch_messages",
            "Messages that were handed over at once",
            where,
            buckets=COUNTS,
            registry=self.registry,
        )
        self.in_flight = self._gauge(
            "backdrop_in_flight", "Messages in hand now, without those that wait on T.retry", where
        )
        self.oldest = self._gauge("backdrop_oldest_in_hand_seconds", "Age of the oldest message in hand; 0 when idle")
        self.published = self._counter("backdrop_published", "Messages published", where, QuickCounter)
        self.duplicates = self._counter(
            "backdrop_duplicates", "Messages whose event this process had handled before", where, QuickCounter
        )
        self.lag = self._gauge("backdrop_consumer_lag", "Messages not yet read, by partition", (*where, "partition"))

    def _of_failures(self) -> None:
        where = ("service", "topic")
        self.tries = self._counter(
            "backdrop_tries_again", "Tries after the first, by what went wrong", (*where, "reason")
        )
        self.waiting = self._gauge(
            "backdrop_waiting", "Messages that wait in place for a dependency", ("service", "reason")
        )
        self.dead = self._counter(
            "backdrop_dead_letters",
            "Messages given up: how such a failure is dealt with (`class`), and what it was",
            (*where, "class", "reason"),
        )
        self.commit_failures = self._counter("backdrop_commit_failures", "Offset commits that Kafka refused")
        self.commit_failures.labels(self.service)  # zero from the start: a rate needs a first value

    def _of_results(self) -> None:
        self.outcomes = self._counter(
            "backdrop_outcomes",
            "What came of the work, as it was announced",
            ("service", "outcome", "reason"),
            QuickCounter,
        )
        self.options = self._seconds(
            "backdrop_submitted_to_option_seconds",
            "From the submission of a product or request to its first and its last published option",
            ("service", "option"),
        )

    def _of_the_work(self) -> None:
        self.model = self._seconds("backdrop_model_seconds", "Time one call of a model took", ("service", "model"))
        self.model_batch = Histogram(
            "backdrop_model_batch_images",
            "Pictures that one call of a model was given",
            ("service", "model"),
            buckets=COUNTS,
            registry=self.registry,
        )
        self.store = self._seconds(
            "backdrop_store_seconds", "Time one call of the blob store took", ("service", "operation")
        )
        self.store_errors = self._counter(
            "backdrop_store_errors",
            "Calls of the blob store that failed, by reason",
            ("service", "operation", "reason"),
        )
        self.fetch = self._seconds("backdrop_fetch_seconds", "Time one fetch of a picture's URL took", ("service",))
        self.caches = Caches(self.service)
        self.registry.register(self.caches)

    def _of_the_process(self) -> None:
        self.loop_lag = self._gauge("backdrop_loop_lag_seconds", "How late the event loop runs")
        self.gpu_memory = self._gauge(
            "backdrop_gpu_memory_bytes",
            "Memory of the service's GPU: used by this process, and in all; 0 on a CPU",
            ("service", "kind"),
        )

    def _counter(
        self, name: str, says: str, labels: tuple[str, ...] = ("service",), kind: type[Counter] = Counter
    ) -> Counter:
        return kind(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, labels: tuple[str, ...] = ("service",)) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)

    def _seconds(self, name: str, says: str, labels: tuple[str, ...], kind: type[Histogram] = Histogram) -> Histogram:
        return kind(name, says, labels, buckets=BUCKETS_S, registry=self.registry)

    def announced(self, event: Event) -> None:
        """Count what an event says came of the work."""
        said = outcome_of(event)
        if said is not None:
            self._outcome(said[0], self._words(said[1])).inc()

    def given_up(self, topic: str, kind: str, reason: str) -> None:
        """Count a dead letter. `kind`: what was done about such failures before."""
        self.dead.labels(self.service, topic, kind, self._words(reason)).inc()

    @contextmanager
    def timed_model(self, model: str, pictures: int | None = None) -> Iterator[None]:
        """While a model is called, whatever comes of it; with how many pictures, where it takes several."""
        if pictures is not None:
            self.model_batch.labels(self.service, model).observe(pictures)
        with self.model.labels(self.service, model).time():
            yield

    def watch_gpu(self, memory: Callable[[], Mapping[str, float]]) -> None:
        """Read a GPU's memory whenever the metrics are read: bytes by kind, `used` and `total`."""
        for kind in ("used", "total"):
            self.gpu_memory.labels(self.service, kind).set_function(lambda kind=kind: memory().get(kind, 0.0))  # type: ignore[misc]


def exemplar_of(trace_id: str | None) -> dict[str, str] | None:
    """What leads from a bucket of a histogram to the trace of one of its messages."""
    return {"trace_id": trace_id} if trace_id else None
