"""What a service answers over HTTP about itself."""

import asyncio
import contextlib
import gc
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime import service
from shared.runtime.broker import Broker, make_broker
from shared.runtime.health import MOST_REFUSALS
from shared.runtime.service import COLLECT_AFTER, Beside, make_service
from shared.runtime.settings import KafkaSettings


@pytest.fixture(autouse=True)
def keep_logging_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "configure_logs", lambda **_: None)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def broker(registry: CollectorRegistry) -> Broker:
    broker = make_broker(KafkaSettings(max_poll_interval_ms=1000), service="curator", registry=registry)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None: ...

    return broker


async def answer(
    broker: Broker, registry: CollectorRegistry, path: str, **checks: Callable[[], str | None]
) -> httpx.Response:
    app = make_service(broker, registry=registry, service="curator", ready=checks)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://curator") as client:
        return await client.get(path)


def later(broker: Broker, seconds: float) -> None:
    clock = broker.health.clock
    broker.health.clock = lambda: clock() + seconds


def as_if_consuming(broker: Broker) -> None:
    broker.running = True
    for subscriber in broker.subscribers:
        subscriber.running = True


async def test_it_lives_while_kafka_is_away(broker: Broker, registry: CollectorRegistry) -> None:
    with broker.health.waiting("kafka_down"):
        assert (await answer(broker, registry, "/live")).status_code == 200


async def test_it_is_not_alive_when_its_loop_stands_still(broker: Broker, registry: CollectorRegistry) -> None:
    later(broker, service.LOOP_STUCK_S + 1)
    response = await answer(broker, registry, "/live")
    assert (response.status_code, response.text) == (500, "the event loop is stuck")


async def test_it_is_not_alive_when_a_handler_never_ends(broker: Broker, registry: CollectorRegistry) -> None:
    with broker.health.handling():
        later(broker, 2)
        response = await answer(broker, registry, "/live")
    assert (response.status_code, response.text) == (500, "a handler runs for over 1 s")


async def test_it_is_not_alive_when_only_a_new_process_helps(broker: Broker, registry: CollectorRegistry) -> None:
    broker.health.refused(MOST_REFUSALS - 2, ValueError("out of sequence"))
    assert (await answer(broker, registry, "/live")).status_code == 200
    broker.health.refused(MOST_REFUSALS - 1, ValueError("out of sequence"))
    response = await answer(broker, registry, "/live")
    assert response.status_code == 500
    assert response.text == "Kafka refused the same message 5 times: ValueError('out of sequence')"


async def test_it_is_not_ready_before_it_consumes(broker: Broker, registry: CollectorRegistry) -> None:
    response = await answer(broker, registry, "/ready")
    assert (response.status_code, response.text) == (503, "kafka: not connected yet")


async def test_it_is_ready_when_it_consumes_and_its_checks_pass(broker: Broker, registry: CollectorRegistry) -> None:
    as_if_consuming(broker)
    response = await answer(broker, registry, "/ready", blobs=lambda: None)
    assert (response.status_code, response.text) == (200, "ready")


async def test_it_is_ready_while_it_rests_from_reading(broker: Broker, registry: CollectorRegistry) -> None:
    as_if_consuming(broker)
    await broker.rest()
    assert not any(subscriber.running for subscriber in broker.subscribers)
    assert (await answer(broker, registry, "/ready")).text == "ready"


async def test_it_says_what_it_waits_for_and_which_check_fails(broker: Broker, registry: CollectorRegistry) -> None:
    as_if_consuming(broker)
    with broker.health.waiting("blobs_down"):
        response = await answer(broker, registry, "/ready", blobs=lambda: "the bucket does not exist")
    assert response.status_code == 503
    assert response.text.splitlines() == ["waits: blobs_down", "blobs: the bucket does not exist"]


async def test_metrics_are_those_of_its_own_registry(broker: Broker, registry: CollectorRegistry) -> None:
    broker.metrics.dead.labels("curator", "product.withdrawn.v1", "dead", "bad_event").inc()
    response = await answer(broker, registry, "/metrics")
    labels = 'class="dead",reason="bad_event",service="curator",topic="product.withdrawn.v1"'
    assert f"backdrop_dead_letters_total{{{labels}}} 1.0" in response.text


async def test_what_runs_beside_the_consumers_ends_before_the_broker_stops() -> None:
    said: list[str] = []

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[None]:
        said.append("works")
        yield
        said.append("ends")

    beside = Beside(working)
    await beside.open()
    await asyncio.sleep(0)
    assert said == ["works"]
    await beside.close()
    assert said == ["works", "ends"]


async def test_a_check_that_hangs_or_fails_is_said_and_not_waited_for(
    broker: Broker, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_if_consuming(broker)
    released = threading.Event()

    def fails() -> str | None:
        raise RuntimeError("no driver")

    def hangs() -> str | None:
        released.wait(60)
        return None

    failed = await answer(broker, registry, "/ready", fails=fails)
    monkeypatch.setattr(service, "CHECK_TIMEOUT_S", 0.05)
    hung = await answer(broker, registry, "/ready", hangs=hangs)
    released.set()
    assert (failed.text, hung.text) == ("fails: RuntimeError('no driver')", "hangs: TimeoutError()")


async def test_a_consumer_that_stands_still_is_said(broker: Broker, registry: CollectorRegistry) -> None:
    broker.running = True
    response = await answer(broker, registry, "/ready")
    assert (response.status_code, response.text) == (503, "kafka: does not consume product.withdrawn.v1")


async def test_a_consumer_of_two_topics_that_stands_still_names_both(registry: CollectorRegistry) -> None:
    broker = make_broker(KafkaSettings(), service="curator", registry=registry)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, SAMPLE_CURATED.name, group_id="curator")
    async def on_either(event: dict[str, str]) -> None: ...

    broker.running = True
    response = await answer(broker, registry, "/ready")
    assert response.text == "kafka: does not consume product.withdrawn.v1, sample.curated.v1"


async def test_an_answer_is_plain_text(broker: Broker, registry: CollectorRegistry) -> None:
    for path in ("/live", "/ready"):
        response = await answer(broker, registry, path)
        assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_handler_may_take_as_long_as_the_longest_poll(broker: Broker, registry: CollectorRegistry) -> None:
    now = broker.health.clock()
    broker.health.clock = lambda: now
    with broker.health.handling():
        broker.health.clock = lambda: now + 1.0
        assert (await answer(broker, registry, "/live")).text == "alive"
    broker.health.tick()
    broker.health.clock = lambda: now + 1.0 + service.LOOP_STUCK_S
    assert (await answer(broker, registry, "/live")).text == "alive"


async def test_a_handler_that_waits_for_a_dependency_may_take_for_ever(
    broker: Broker, registry: CollectorRegistry
) -> None:
    with broker.health.handling(), broker.health.waiting("blobs_down"):
        later(broker, 20)
        assert (await answer(broker, registry, "/live")).text == "alive"


async def test_a_service_begins_with_its_consumers_and_ends_in_reverse(
    broker: Broker, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def says(word: str) -> Callable[..., Awaitable[None]]:
        async def say(*_: object) -> None:
            said.append(word)

        return say

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[None]:
        said.append("works")
        yield
        said.append("ends")

    monkeypatch.setattr(broker, "start", says("broker starts"))
    monkeypatch.setattr(broker, "stop", says("broker stops"))
    monkeypatch.setattr(service, "configure_logs", lambda *, service: said.append(f"logs of {service}"))
    monkeypatch.setattr(service, "calm_collector", says("what was made is put aside"))
    monkeypatch.setattr(service, "_tick", says("loop is watched"))
    monkeypatch.setattr(service, "_measure_lag", says("lag is measured"))
    app = make_service(broker, registry=registry, service="curator", background=working)
    assert app.logger is None and said == ["logs of curator"]
    asked, told = ["lifespan.startup", "lifespan.shutdown"], []

    async def receive() -> dict[str, str]:
        await asyncio.sleep(0)
        return {"type": asked.pop(0)}

    async def send(message: Mapping[str, Any]) -> None:
        told.append(message["type"])

    await app({"type": "lifespan"}, receive, send)  # type: ignore[arg-type]
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    watching = {"loop is watched", "lag is measured"}
    assert [word for word in said[1:] if word not in watching] == [
        "logs of curator",
        "broker starts",
        "works",
        "what was made is put aside",
        "ends",
        "broker stops",
    ]
    assert watching <= set(said)


def test_what_a_service_is_made_of_is_looked_through_by_the_collector_no_more() -> None:
    before = gc.get_threshold()
    try:
        service.calm_collector()
        assert gc.get_freeze_count() > 0 and gc.get_threshold()[0] == COLLECT_AFTER > before[0]
    finally:  # what is frozen stays so: the tests freeze themselves what they collected
        gc.set_threshold(*before)


async def test_a_loop_is_late_by_what_it_slept_too_long(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    late, seen = [0.25, -0.1], []
    gauge = broker.metrics.loop_lag.labels("curator")

    class Loop:
        def time(self) -> float:
            return 50.0 + sum(slept)

    async def sleep(seconds: float) -> None:
        seen.append(gauge._value.get())
        if not late:
            raise asyncio.CancelledError
        slept.append(seconds + late.pop(0))

    monkeypatch.setattr(asyncio, "get_running_loop", Loop)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await service._tick(broker)
    assert seen == [0.0, pytest.approx(0.25), 0.0]


@dataclass
class Consumer:
    """It has four partitions; those without a position were taken away in between. Ten messages where none are said."""

    position_of: dict[TopicPartition, int]
    highwater_of: dict[TopicPartition, int | None] = field(default_factory=dict)
    topics: dict[str, set[int]] = field(default_factory=lambda: {"product.withdrawn.v1": {0, 1}})

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return self.topics.get(topic)

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition("product.withdrawn.v1", number) for number in range(4)]

    def highwater(self, place: TopicPartition) -> int | None:
        return self.highwater_of.get(place, 10)

    async def position(self, place: TopicPartition) -> int:
        return self.position_of[place]


def lag(registry: CollectorRegistry, partition: int) -> float | None:
    where = {"service": "curator", "topic": "product.withdrawn.v1", "partition": str(partition)}
    return registry.get_sample_value("backdrop_consumer_lag", where)


async def test_a_topic_that_nobody_made_is_said_with_the_command_that_makes_it(
    broker: Broker, registry: CollectorRegistry
) -> None:
    as_if_consuming(broker)
    (subscriber,) = broker.subscribers
    subscriber.consumer = Consumer({}, topics={})  # type: ignore[attr-defined]
    response = await answer(broker, registry, "/ready")
    words = "kafka: product.withdrawn.v1 does not exist: python -m deploy.provision"
    assert (response.status_code, response.text) == (503, words)
    subscriber.consumer = Consumer({})  # type: ignore[attr-defined]
    assert (await answer(broker, registry, "/ready")).text == "ready"


async def test_while_it_runs_its_loop_proves_that_it_turns_and_its_lag_is_measured(
    broker: Broker, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "TICK_S", 0.01)
    monkeypatch.setattr(service, "LAG_EVERY_S", 0.01)
    (subscriber,) = broker.subscribers
    first, second, third = (TopicPartition("product.withdrawn.v1", number) for number in range(3))
    consumer = Consumer({first: 7, second: 0, third: 9}, {first: 10, second: None, third: 8})
    subscriber.consumer = consumer  # type: ignore[attr-defined]
    broker.subscriber("model.promoted.v1")
    later(broker, 100)
    assert broker.health.seconds_since_tick > 99
    async with service.measured(broker):
        async with asyncio.timeout(60):
            while lag(registry, 0) != 3:
                await asyncio.sleep(0.01)
            assert (lag(registry, 1), lag(registry, 2), lag(registry, 3)) == (0, 0, None)
            consumer.position_of[first] = 8  # the round that failed at the lost partition was not the last
            while lag(registry, 0) != 2:
                await asyncio.sleep(0.01)
            while broker.health.seconds_since_tick > 99:
                await asyncio.sleep(0.01)
        assert registry.get_sample_value("backdrop_loop_lag_seconds", {"service": "curator"}) is not None


async def test_a_partition_that_was_handed_over_has_no_lag_any_more(
    broker: Broker, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LAG_EVERY_S", 0.01)
    (subscriber,) = broker.subscribers
    here, there = (TopicPartition("product.withdrawn.v1", number) for number in (0, 1))
    subscriber.consumer = Consumer({here: 7, there: 7})  # type: ignore[attr-defined]

    async with service.measured(broker), asyncio.timeout(60):
        while lag(registry, there.partition) != 3:
            await asyncio.sleep(0.01)
        subscriber.consumer = Consumer({here: 7})  # type: ignore[attr-defined]
        while lag(registry, there.partition) is not None:
            await asyncio.sleep(0.01)
        assert lag(registry, here.partition) == 3
