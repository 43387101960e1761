"""What happens to messages whose handling fails, over the in-memory broker."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import structlog
from faststream.kafka import KafkaBroker
from prometheus_client import CollectorRegistry

from shared.contracts.errors import BadImage, DependencyDown, NotYet, Transient
from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.records import Record, headers_of
from shared.runtime.settings import KafkaSettings

HASTY = KafkaSettings(
    tries=3,
    try_delay_s=0.001,
    retry_delays_s=(0.01, 0.01),
    not_yet_delays_s=(0.01, 0.01),
    wait_first_s=0.001,
    wait_cap_s=0.01,
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@dataclass
class Scripted:
    """A handler's use case that fails as told, by product, a number of times."""

    failures: dict[str, list[Exception]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __call__(self, product_id: str) -> None:
        self.calls.append(product_id)
        if self.failures.get(product_id):
            raise self.failures[product_id].pop(0)


def curate(broker: KafkaBroker, use_case: Callable[[str], None]) -> None:
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        use_case(event.product_id)
        await out.publish(verdict_on(event.product_id))


def verdict_on(product_id: str) -> SampleCurated:
    return SampleCurated(product_id=product_id, image_sha256="a" * 64, verdict="dropped", reason="withdrawn")


def broker_for(use_case: Scripted, *, service: str = "curator") -> Broker:
    broker = make_broker(HASTY, service=service, registry=CollectorRegistry())
    curate(broker, use_case)
    return broker


async def withdraw(broker: Broker, log: MemoryLog, *product_ids: str) -> None:
    for product_id in product_ids:
        await broker.publish(ProductWithdrawn(product_id=product_id), topic=PRODUCT_WITHDRAWN.name)
    await log.settled(10)


def letters(log: MemoryLog) -> list[Record]:
    return log.said(PRODUCT_WITHDRAWN.dead)


def answered(log: MemoryLog) -> list[str]:
    return [event.product_id for event in log.events(SAMPLE_CURATED.name, SampleCurated)]


async def test_poison_goes_to_the_dead_topic_once_and_its_neighbours_pass() -> None:
    use_case = Scripted({"mug-2": [BadImage("not_an_image", "the bytes are no photo")] * 9})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug-1", "mug-2", "mug-3")

    assert answered(log) == ["mug-1", "mug-3"]
    assert use_case.calls == ["mug-1", "mug-2", "mug-3"]
    (letter,) = letters(log)
    assert letter.key == b"mug-2"
    assert ProductWithdrawn.model_validate_json(letter.value or b"") == ProductWithdrawn(product_id="mug-2")
    headers = headers_of(letter)
    assert headers["x-reason"] == "not_an_image"
    assert headers["x-detail"] == "the bytes are no photo"
    assert headers["x-exception"] == "BadImage"
    assert headers["x-original-topic"] == "product.withdrawn.v1"
    assert headers["x-original-partition"] == "0"
    assert headers["x-original-offset"] == "1"
    assert headers["x-attempts"] == "1"
    assert headers["x-group"] == "curator"


async def test_a_dead_letter_keeps_the_envelope_it_came_in() -> None:
    use_case = Scripted({"mug": [BadImage("not_an_image", "no photo")]})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug")

    came, died = headers_of(log.said(PRODUCT_WITHDRAWN.name)[0]), headers_of(letters(log)[0])
    assert {name: died[name] for name in came} == came


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{half a json", "not JSON"),
        (b'{"reason": "no product"}', "product_id: Field required"),
        (b'{"product_id": 7}', "product_id: Input should be a valid string"),
        (b'{"product_id": ""}', "product_id: String should have at least 1 character"),
        (b"[]", "event"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
    ],
)
async def test_an_event_that_does_not_parse_is_dead_with_the_field_named(body: bytes, words: str) -> None:
    use_case = Scripted()
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await broker.publish(body, topic=PRODUCT_WITHDRAWN.name, headers={"content-type": "application/json"})
        await log.settled(10)

    (letter,) = letters(log)
    assert headers_of(letter)["x-reason"] == "bad_event"
    assert words in headers_of(letter)["x-detail"]
    assert letter.value == body
    assert use_case.calls == []


async def test_a_passing_trouble_is_tried_again_in_place() -> None:
    use_case = Scripted({"mug": [Transient("hiccup", "try again"), ValueError("unknown troubles too")]})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug")

    assert use_case.calls == ["mug", "mug", "mug"]
    assert answered(log) == ["mug"]
    assert letters(log) == [] and log.said(PRODUCT_WITHDRAWN.retry) == []


async def test_what_keeps_failing_goes_by_way_of_the_retry_topic_and_may_still_succeed() -> None:
    use_case = Scripted({"mug": [Transient("busy", "later")] * 4})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug", "cup")

    (retry,) = log.said(PRODUCT_WITHDRAWN.retry)
    assert headers_of(retry)["x-retry-round"] == "1"
    assert headers_of(retry)["x-retry-group"] == "curator"
    assert float(headers_of(retry)["x-retry-not-before"]) > 0
    assert sorted(answered(log)) == ["cup", "mug"]
    assert letters(log) == []


async def test_after_all_rounds_it_is_dead_with_every_attempt_counted() -> None:
    use_case = Scripted({"mug": [Transient("busy", "later")] * 99})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug")

    (letter,) = letters(log)
    headers = headers_of(letter)
    assert headers["x-attempts"] == "9"  # three tries on the topic, three on each of two rounds
    assert headers["x-reason"] == "busy"
    assert headers["x-original-topic"] == "product.withdrawn.v1"
    assert len(use_case.calls) == 9


async def test_another_service_does_not_take_a_retry_that_is_not_its_own() -> None:
    flaky, calm = Scripted({"mug": [Transient("busy", "later")] * 4}), Scripted()
    one, other = (
        broker_for(flaky, service="curator"),
        make_broker(HASTY, service="inpainter", registry=CollectorRegistry()),
    )

    @other.subscriber(PRODUCT_WITHDRAWN.name, group_id="inpainter")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        calm(event.product_id)

    async with memory_broker(one, other) as log:
        await withdraw(one, log, "mug")

    assert calm.calls == ["mug"]
    assert answered(log) == ["mug"]


async def test_an_outage_is_waited_out_and_never_dead_lettered() -> None:
    use_case = Scripted({"mug": [DependencyDown("blobs_down", "the store does not answer")] * 20})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug")

    assert len(use_case.calls) == 21
    assert answered(log) == ["mug"]
    assert letters(log) == [] and log.said(PRODUCT_WITHDRAWN.retry) == []


async def test_while_it_waits_the_service_says_what_for() -> None:
    waits: list[tuple[str, ...]] = []
    use_case = Scripted({"mug": [DependencyDown("blobs_down", "no answer")]})
    broker = broker_for(use_case)
    pause = broker.health.pause

    async def watched(seconds: float) -> None:
        waits.append(broker.health.waits_for)
        await pause(seconds)

    broker.health.pause = watched  # type: ignore[method-assign]
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug")

    assert waits == [("blobs_down",)]
    assert broker.health.waits_for == ()


async def test_a_batch_with_one_bad_record_delivers_the_others() -> None:
    seen: list[list[str]] = []
    broker = make_broker(HASTY, service="inpainter", registry=CollectorRegistry())
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="inpainter", batch=True, max_records=8)
    async def on_withdrawn(batch: list[ProductWithdrawn]) -> None:
        seen.append([event.product_id for event in batch])
        if any(event.product_id == "bad" for event in batch):
            raise BadImage("not_an_image", "no photo")
        for event in batch:
            await out.publish(verdict_on(event.product_id))

    async with memory_broker(broker) as log:
        await withdraw(broker, log, "a", "bad", "c")

    assert sorted(set(answered(log))) == ["a", "c"]
    (letter,) = letters(log)
    assert letter.key == b"bad"


async def test_outcomes_are_counted() -> None:
    use_case = Scripted({"bad": [BadImage("not_an_image", "no photo")], "flaky": [Transient("busy", "later")]})
    registry = CollectorRegistry()
    broker = make_broker(HASTY, service="curator", registry=registry)
    curate(broker, use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "good", "bad", "flaky", "good")

    where = {"service": "curator", "topic": "product.withdrawn.v1"}
    assert registry.get_sample_value("backdrop_messages_total", where | {"outcome": "done"}) == 3
    assert registry.get_sample_value("backdrop_messages_total", where | {"outcome": "dead"}) == 1
    assert (
        registry.get_sample_value("backdrop_dead_letters_total", where | {"class": "dead", "reason": "not_an_image"})
        == 1
    )
    assert registry.get_sample_value("backdrop_tries_again_total", where | {"reason": "busy"}) == 1
    assert registry.get_sample_value("backdrop_duplicates_total", where) == 1
    assert registry.get_sample_value("backdrop_in_flight", where) == 0


def not_yet(product_id: str) -> NotYet:
    return NotYet("still_unknown", f"{product_id} is not there yet", answer=verdict_on(product_id))


async def test_what_waits_for_another_message_comes_back_and_holds_up_nobody_meanwhile() -> None:
    use_case = Scripted({"mug-1": [not_yet("mug-1")] * 2})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug-1", "mug-2")

    assert use_case.calls == ["mug-1", "mug-2", "mug-1", "mug-1"]  # no try in place before the neighbour's turn
    assert answered(log) == ["mug-2", "mug-1"]
    assert letters(log) == []


async def test_what_never_comes_is_answered_when_the_rounds_are_spent_and_leaves_no_letter() -> None:
    use_case = Scripted({"mug-1": [not_yet("mug-1")] * 99})
    broker = broker_for(use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug-1", "mug-2")

    assert use_case.calls.count("mug-1") == 1 + 2  # at once, and in two rounds
    assert answered(log) == ["mug-2", "mug-1"]
    assert letters(log) == []
    headers = headers_of(log.said(SAMPLE_CURATED.name)[-1])
    assert headers["ce_type"] == "backdrop.SampleCurated"


async def test_without_a_retry_topic_it_waits_for_its_tries_in_place_and_is_answered_then() -> None:
    use_case = Scripted({"mug-1": [not_yet("mug-1")] * 99})
    settings = HASTY.model_copy(update={"not_yet_delays_s": ()})
    broker = make_broker(settings, service="curator", registry=CollectorRegistry())
    curate(broker, use_case)
    async with memory_broker(broker) as log:
        await withdraw(broker, log, "mug-1", "mug-2")

    assert use_case.calls == ["mug-1"] * 3 + ["mug-2"]
    assert answered(log) == ["mug-1", "mug-2"]
    assert letters(log) == []
