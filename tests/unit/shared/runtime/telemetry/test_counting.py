"""What is counted of messages, as Prometheus reads it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics import exposition

from shared.contracts.errors import Transient
from shared.contracts.events import BackgroundGenerated, BackgroundRequested, Event, ProductCaptioned, ProductWithdrawn
from shared.contracts.topics import BACKGROUND_GENERATED, BACKGROUND_REQUESTED, PRODUCT_CAPTIONED, PRODUCT_WITHDRAWN
from shared.runtime.broker import Broker, make_broker
from shared.runtime.cloud_events import Trace
from shared.runtime.health import Health
from shared.runtime.in_hand import SUBMITTED, InHand
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.message import Message
from shared.runtime.records import headers_of
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry import counting
from shared.runtime.telemetry.counting import QUICK_S, Counted
from shared.runtime.telemetry.metrics import MOST_WORDS, BoundedLabel, Metrics

GOLDEN = Path(__file__).resolve().parents[4] / "golden" / "events"
GENERATED = BackgroundGenerated.model_validate_json((GOLDEN / "BackgroundGenerated.json").read_text())
CAPTIONED = ProductCaptioned.model_validate_json((GOLDEN / "ProductCaptioned.json").read_text())
WHERE = {"service": "inpainter", "topic": PRODUCT_CAPTIONED.name}
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def painter(registry: CollectorRegistry) -> Broker:
    """An inpainter that answers each product and request with two options."""
    broker = make_broker(KafkaSettings(), service="inpainter", registry=registry)
    out = broker.publisher(BACKGROUND_GENERATED.name)

    async def answer() -> None:
        await out.publish(GENERATED)
        await asyncio.sleep(0.01)
        await out.publish(GENERATED)

    @broker.subscriber(PRODUCT_CAPTIONED.name, group_id="inpainter")
    async def on_captioned(event: ProductCaptioned) -> None:
        await answer()

    @broker.subscriber(BACKGROUND_REQUESTED.name, group_id="inpainter")
    async def on_requested(event: BackgroundRequested) -> None:
        await answer()

    return broker


async def heard(broker: Broker, event: Event, topic: str, **headers: str) -> MemoryLog:
    async with memory_broker(broker) as log:
        await broker.publish(event, topic=topic, headers=headers)
        await log.settled(10)
    return log


def ago(**duration: float) -> str:
    return (datetime.now(UTC) - timedelta(**duration)).isoformat()


def seconds(registry: CollectorRegistry, name: str, **labels: str) -> tuple[float, float]:
    """Count and sum of a histogram of the inpainter's."""
    labels = {"service": "inpainter", **labels}
    count, total = (registry.get_sample_value(f"{name}_{part}", labels) for part in ("count", "sum"))
    return count or 0, total or 0


async def test_the_age_of_a_message_is_counted_from_when_it_was_said(
    painter: Broker, registry: CollectorRegistry
) -> None:
    await heard(painter, CAPTIONED, PRODUCT_CAPTIONED.name, ce_time=ago(minutes=2))
    count, total = seconds(registry, "backdrop_queue_age_seconds", topic=PRODUCT_CAPTIONED.name)
    assert count == 1 and 120 <= total < 240


async def test_the_time_of_submission_travels_to_the_options_and_is_counted_there(
    painter: Broker, registry: CollectorRegistry
) -> None:
    submitted = ago(minutes=5)
    log = await heard(painter, CAPTIONED, PRODUCT_CAPTIONED.name, **{SUBMITTED: submitted})
    first, last = (seconds(registry, "backdrop_submitted_to_option_seconds", option=it) for it in ("first", "last"))
    assert first[0] == last[0] == 1
    assert 300 <= first[1] < last[1] < 600
    for record in log.said(BACKGROUND_GENERATED.name):
        assert datetime.fromisoformat(headers_of(record)[SUBMITTED]) - datetime.fromisoformat(submitted) < timedelta(
            milliseconds=1
        )


async def test_a_request_begins_its_own_time(painter: Broker, registry: CollectorRegistry) -> None:
    request = BackgroundRequested(product_id="mug", request_id="more")
    await heard(painter, request, BACKGROUND_REQUESTED.name, ce_time=ago(seconds=30))
    count, total = seconds(registry, "backdrop_submitted_to_option_seconds", option="first")
    assert count == 1 and 30 <= total < 60


async def test_nobody_waits_for_an_option_whose_submission_is_unknown(
    painter: Broker, registry: CollectorRegistry
) -> None:
    await heard(painter, CAPTIONED, PRODUCT_CAPTIONED.name)
    assert seconds(registry, "backdrop_submitted_to_option_seconds", option="first") == (0, 0)


async def test_what_waits_on_a_retry_topic_says_nothing_of_how_fast_a_stage_is(registry: CollectorRegistry) -> None:
    settings = KafkaSettings(tries=1, retry_delays_s=(0.01,))
    broker = make_broker(settings, service="inpainter", registry=registry)
    tries: list[float | None] = []

    @broker.subscriber(PRODUCT_CAPTIONED.name, group_id="inpainter")
    async def on_captioned(event: ProductCaptioned) -> None:
        tries.append(registry.get_sample_value("backdrop_in_flight", WHERE))
        if len(tries) == 1:
            raise Transient("busy", "later")

    await heard(broker, CAPTIONED, PRODUCT_CAPTIONED.name)
    assert tries == [1, 0]
    assert seconds(registry, "backdrop_queue_age_seconds", topic=PRODUCT_CAPTIONED.name)[0] == 1
    assert seconds(registry, "backdrop_handler_seconds", topic=PRODUCT_CAPTIONED.name)[0] == 0
    assert registry.get_sample_value("backdrop_messages_total", WHERE | {"outcome": "done"}) == 1


async def test_outcomes_are_counted_as_they_are_announced(painter: Broker, registry: CollectorRegistry) -> None:
    told: list[Event] = []
    painter.tell(told.append)
    await heard(painter, CAPTIONED, PRODUCT_CAPTIONED.name)
    labels = {"service": "inpainter", "outcome": "generated", "reason": "passed"}
    assert registry.get_sample_value("backdrop_outcomes_total", labels) == 2
    assert told[-2:] == [GENERATED, GENERATED]


async def test_a_single_option_is_the_first_and_the_last_and_nothing_else_is_one(registry: CollectorRegistry) -> None:
    broker = make_broker(KafkaSettings(), service="inpainter", registry=registry)
    out, beside = broker.publisher(BACKGROUND_GENERATED.name), broker.publisher(PRODUCT_WITHDRAWN.name)

    @broker.subscriber(PRODUCT_CAPTIONED.name, group_id="inpainter")
    async def on_captioned(event: ProductCaptioned) -> None:
        await beside.publish(ProductWithdrawn(product_id="mug"))
        await out.publish(GENERATED)
        await beside.publish(ProductWithdrawn(product_id="mug"))

    await heard(broker, CAPTIONED, PRODUCT_CAPTIONED.name, **{SUBMITTED: ago(minutes=5)})
    first, last = (seconds(registry, "backdrop_submitted_to_option_seconds", option=it) for it in ("first", "last"))
    assert first == last and first[0] == 1


async def test_each_message_of_a_batch_has_its_own_first_and_last_option(registry: CollectorRegistry) -> None:
    broker = make_broker(KafkaSettings(), service="inpainter", registry=registry)
    out = broker.publisher(BACKGROUND_GENERATED.name)

    @broker.subscriber(PRODUCT_CAPTIONED.name, group_id="inpainter", batch=True)
    async def on_captioned(batch: list[ProductCaptioned]) -> None:
        for event in batch:
            await out.publish(GENERATED.model_copy(update={"product_id": event.product_id}))

    log = MemoryLog()
    for product, minutes in (("mug", 5), ("vase", 20)):
        body = CAPTIONED.model_copy(update={"product_id": product}).model_dump_json().encode()
        headers = [
            (SUBMITTED, ago(minutes=minutes).encode()),
            ("traceparent", f"00-{TRACE}-b7ad6b7169203331-01".encode()),
        ]
        log.append(PRODUCT_CAPTIONED.name, product.encode(), body, headers)
    async with memory_broker(broker, log=log):
        await log.settled(60)
    for option in ("first", "last"):
        count, total = seconds(registry, "backdrop_submitted_to_option_seconds", option=option)
        assert count == 2 and 1500 <= total < 2400, "five minutes and twenty, not one of them twice"


def test_only_a_message_that_took_its_time_leads_to_its_trace(registry: CollectorRegistry) -> None:
    counted = Counted(Metrics(registry, service="inpainter"), Health())
    message = Message.of((MemoryLog().append(PRODUCT_CAPTIONED.name, b"mug", b"{}", []),))
    meters = counted.meters(PRODUCT_CAPTIONED.name)
    for trace_id, took_s in (("a" * 32, QUICK_S), ("b" * 32, 3.0)):
        counted.done(message, meters, InHand(Trace(trace_id, "c" * 16)), took_s, handler=1)
    told = [line for line in exposition.generate_latest(registry).decode().splitlines() if "trace_id" in line]
    assert len(told) == 1 and "backdrop_handler_seconds_bucket" in told[0] and "b" * 32 in told[0]


def test_messages_in_hand_at_once_are_each_counted_and_without_an_envelope_as_old_as_kafka_says(
    registry: CollectorRegistry,
) -> None:
    counted = Counted(Metrics(registry, service="inpainter"), Health())
    message = Message.of((MemoryLog().append(PRODUCT_CAPTIONED.name, b"mug", b"{}", []),))
    begun = [counted.begin(message) for _ in range(2)]
    assert registry.get_sample_value("backdrop_in_flight", WHERE) == 2
    for meters, token in begun:
        counted.end(message, meters, token)
    assert registry.get_sample_value("backdrop_in_flight", WHERE) == 0
    count, total = seconds(registry, "backdrop_queue_age_seconds", topic=PRODUCT_CAPTIONED.name)
    assert count == 2 and total < 86_400, "not since 1970"


def test_of_the_ids_that_came_the_newest_are_remembered(
    registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "REMEMBERED", 2)
    counted = Counted(Metrics(registry, service="inpainter"), Health())
    assert [counted.seen_before(1, name) for name in ("a", "b", "a", "c", "a")] == [False, False, True, False, False]
    assert not counted.seen_before(2, "a") and not counted.seen_before(2, None)


async def test_a_slow_bucket_leads_to_a_trace(painter: Broker, registry: CollectorRegistry) -> None:
    headers = {SUBMITTED: ago(minutes=5), "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    await heard(painter, CAPTIONED, PRODUCT_CAPTIONED.name, **headers)
    lines = exposition.generate_latest(registry).decode().splitlines()
    (bucket,) = [
        line for line in lines if line.startswith("backdrop_submitted_to_option") and 'first"' in line and "#" in line
    ]
    assert 'le="600.0"' in bucket and f'# {{trace_id="{TRACE}"}}' in bucket


def test_the_oldest_message_in_hand_is_seen_while_it_is_in_hand(painter: Broker, registry: CollectorRegistry) -> None:
    oldest = ("backdrop_oldest_in_hand_seconds", {"service": "inpainter"})
    with painter.health.handling():
        clock = painter.health.clock
        painter.health.clock = lambda: clock() + 90
        assert 90 <= (registry.get_sample_value(*oldest) or 0) < 180
    assert registry.get_sample_value(*oldest) == 0


def test_words_beyond_the_bound_are_other() -> None:
    words = BoundedLabel(most=2)
    assert [words(word) for word in ("a", "b", "c", "a", "d")] == ["a", "b", "other", "a", "other"]


def test_reasons_from_outside_cannot_grow_a_metric(registry: CollectorRegistry) -> None:
    metrics = Metrics(registry, service="curator")
    for number in range(10 * MOST_WORDS):
        metrics.given_up("product.engaged.v1", "dead", f"reason_{number}")
    samples = [s for family in registry.collect() for s in family.samples if s.name == "backdrop_dead_letters_total"]
    assert len(samples) == MOST_WORDS + 1
    assert sum(sample.value for sample in samples) == 10 * MOST_WORDS


def test_a_cache_is_read_when_the_metrics_are(registry: CollectorRegistry) -> None:
    asked = [(0, 1), (5, 2)]
    Metrics(registry, service="inpainter").caches.watch("plates", lambda: asked[0])
    labels = {"service": "inpainter", "cache": "plates"}
    assert registry.get_sample_value("backdrop_cache_requests_total", labels | {"result": "hit"}) == 0
    del asked[0]
    assert registry.get_sample_value("backdrop_cache_requests_total", labels | {"result": "hit"}) == 5
    assert registry.get_sample_value("backdrop_cache_requests_total", labels | {"result": "miss"}) == 2


def test_a_gpus_memory_is_read_when_the_metrics_are_and_none_is_zero(registry: CollectorRegistry) -> None:
    metrics = Metrics(registry, service="inpainter")
    metrics.watch_gpu(lambda: {"used": 3e9})
    labels = {"service": "inpainter"}
    assert registry.get_sample_value("backdrop_gpu_memory_bytes", labels | {"kind": "used"}) == 3e9
    assert registry.get_sample_value("backdrop_gpu_memory_bytes", labels | {"kind": "total"}) == 0
