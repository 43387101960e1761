"""What dashboards read: names, labels and counts of messages, whatever becomes of them."""

import math
from collections.abc import Iterator

import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.metrics import BoundedLabel, Metrics, exemplar_of
from shared.runtime.telemetry.quick import QuickCounter, QuickHistogram

WHERE = {"service": "curator", "topic": "product.withdrawn.v1"}
JSON = ("content-type", b"application/json")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def broker(registry: CollectorRegistry) -> Broker:
    return make_broker(KafkaSettings(), service="curator", registry=registry)


def count(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, WHERE | labels)


async def test_while_a_message_is_in_hand_it_is_counted_and_timed(broker: Broker, registry: CollectorRegistry) -> None:
    seen: list[tuple[float | None, int]] = []

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        seen.append((count(registry, "backdrop_in_flight"), len(broker.health._started)))

    async with memory_broker(broker) as log:
        log.append(PRODUCT_WITHDRAWN.name, b"mug", b'{"product_id": "mug"}', [JSON])
        await log.settled(10)
    assert seen == [(1.0, 1)]
    assert count(registry, "backdrop_in_flight") == 0
    assert count(registry, "backdrop_handler_seconds_count") == 1
    assert 0.0 < (count(registry, "backdrop_handler_seconds_sum") or 0.0) < 60.0
    assert count(registry, "backdrop_messages_total", outcome="done") == 1


async def test_every_message_of_a_batch_counts_and_those_heard_before_as_duplicates(
    broker: Broker, registry: CollectorRegistry
) -> None:
    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", batch=True, max_records=8)
    async def on_withdrawn(batch: list[ProductWithdrawn]) -> None: ...

    async with memory_broker(broker) as log:
        for event_id in (b"1", b"2", b"1", None):
            headers = [JSON, ("ce_id", event_id)] if event_id else [JSON]
            log.append(PRODUCT_WITHDRAWN.name, b"mug", b'{"product_id": "mug"}', headers)
        await log.settled(10)
    assert count(registry, "backdrop_messages_total", outcome="done") == 4
    assert count(registry, "backdrop_duplicates_total") == 1


async def test_two_handlers_of_one_event_are_no_duplicates(broker: Broker, registry: CollectorRegistry) -> None:
    for group in ("one", "other"):

        @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=group)
        async def on_withdrawn(event: ProductWithdrawn) -> None: ...

    async with memory_broker(broker) as log:
        await broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name)
        await log.settled(10)
    assert count(registry, "backdrop_messages_total", outcome="done") == 2
    assert count(registry, "backdrop_duplicates_total") == 0


async def test_what_is_published_counts_by_its_own_topic(broker: Broker, registry: CollectorRegistry) -> None:
    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    @broker.publisher(SAMPLE_CURATED.name)
    async def on_withdrawn(event: ProductWithdrawn) -> SampleCurated:
        return SampleCurated(product_id="mug", image_sha256="a" * 64, verdict="dropped", reason="withdrawn")

    async with memory_broker(broker) as log:
        await broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name)
        await log.settled(10)
    published = "backdrop_published_total"
    assert registry.get_sample_value(published, {"service": "curator", "topic": SAMPLE_CURATED.name}) == 1
    assert registry.get_sample_value(published, WHERE) == 1


async def test_a_message_that_is_left_at_a_stop_counts_as_left(broker: Broker, registry: CollectorRegistry) -> None:
    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        broker.health.stop()
        await broker.health.pause(60)

    async with memory_broker(broker) as log:
        log.append(PRODUCT_WITHDRAWN.name, b"mug", b'{"product_id": "mug"}', [JSON])
        await log.settled(10)
    assert count(registry, "backdrop_messages_total", outcome="left") == 1
    assert count(registry, "backdrop_messages_total", outcome="done") == 0
    assert count(registry, "backdrop_handler_seconds_count") == 0


def test_the_first_words_stand_for_themselves_and_all_later_ones_are_other() -> None:
    words = BoundedLabel(most=2)
    assert [words(word) for word in ("a", "b", "c", "a", "b", "d")] == ["a", "b", "other", "a", "b", "other"]


def test_what_a_metric_is_about_is_on_its_labels(registry: CollectorRegistry) -> None:
    metrics = Metrics(registry, service="curator")
    assert registry.get_sample_value("backdrop_commit_failures_total", {"service": "curator"}) == 0
    metrics.given_up("product.withdrawn.v1", "permanent", "bad_event")
    assert count(registry, "backdrop_dead_letters_total", reason="bad_event", **{"class": "permanent"}) == 1
    metrics.caches.watch("manifests", lambda: (3, 1))
    for result, requests in (("hit", 3), ("miss", 1)):
        labels = {"service": "curator", "cache": "manifests", "result": result}
        assert registry.get_sample_value("backdrop_cache_requests_total", labels) == requests
    metrics.announced(SampleCurated(product_id="mug", image_sha256="a" * 64, verdict="dropped", reason="blurred"))
    outcomes = [one for family in registry.collect() for one in family.samples if one.name == "backdrop_outcomes_total"]
    assert [(one.labels, one.value) for one in outcomes] == [
        ({"service": "curator", "outcome": "dropped", "reason": "blurred"}, 1.0)
    ]


def test_times_have_buckets_from_milliseconds_to_half_an_hour_and_batches_powers_of_two(
    registry: CollectorRegistry,
) -> None:
    metrics = Metrics(registry, service="curator")
    assert metrics.seconds._upper_bounds[0] == 0.005 and metrics.seconds._upper_bounds[-2] == 1800.0
    for sizes in (metrics.batch, metrics.model_batch):
        assert list(sizes._upper_bounds[:3]) == [1.0, 2.0, 4.0]


def test_the_quick_histogram_counts_as_the_original_does_at_its_bounds_and_beyond() -> None:
    told = []
    for kind in (Histogram, QuickHistogram):
        histogram = kind("took_seconds", "Says nothing", buckets=(1.0, 2.0), registry=None)
        for amount in (-1.0, 0.0, 1.0, 1.5, 2.0, 2.5, math.inf):
            histogram.observe(amount)
        (family,) = histogram.collect()
        told.append([(one.name, one.labels, one.value) for one in family.samples if "created" not in one.name])
    assert told[0] == told[1]


def test_the_quick_counter_counts_as_the_original_does() -> None:
    told = []
    for kind in (Counter, QuickCounter):
        counter = kind("said", "Says nothing", registry=None)
        counter.inc()
        counter.inc(2.5)
        (family,) = counter.collect()
        told.append([(one.name, one.labels, one.value) for one in family.samples if "created" not in one.name])
    assert told[0] == told[1] == [("said_total", {}, 3.5)]


def test_an_exemplar_leads_to_its_trace_where_there_is_one() -> None:
    assert exemplar_of("abc") == {"trace_id": "abc"}
    assert exemplar_of(None) is None


def test_what_is_counted_at_every_message_is_counted_without_locks(registry: CollectorRegistry) -> None:
    metrics = Metrics(registry, service="curator")
    counters = (metrics.messages, metrics.published, metrics.duplicates, metrics.outcomes)
    histograms = (metrics.seconds, metrics.queue_age, metrics.batch)
    assert {type(one) for one in counters} == {QuickCounter} and {type(one) for one in histograms} == {QuickHistogram}
