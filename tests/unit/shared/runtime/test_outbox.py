"""What leaves a service: events in their envelope, bytes as they are, each counted under its topic."""

import asyncio
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError, UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder
from faststream.kafka.response import KafkaPublishCommand
from faststream.response.publish_type import PublishType
from prometheus_client import CollectorRegistry

from shared.contracts.events import BackgroundGenerated, Event, ProductWithdrawn
from shared.contracts.topics import BACKGROUND_GENERATED, PRODUCT_WITHDRAWN
from shared.runtime import outbox
from shared.runtime.broker import Broker, make_broker
from shared.runtime.cloud_events import Trace
from shared.runtime.in_hand import InHand, PendingPublishes, in_hand
from shared.runtime.memory.broker import memory_broker
from shared.runtime.outbox import HEADROOM, MAX_EVENT_BYTES
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.tracing import NoSpans
from tests.fakes.kafka_producer import KafkaProducer, publishes_through

MUG = ProductWithdrawn(product_id="mug")
GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "events"
GENERATED = BackgroundGenerated.model_validate_json((GOLDEN / "BackgroundGenerated.json").read_text())


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def broker(registry: CollectorRegistry) -> Broker:
    return make_broker(KafkaSettings(), service="curator", registry=registry)


def published(registry: CollectorRegistry, topic: str) -> float | None:
    return registry.get_sample_value("backdrop_published_total", {"service": "curator", "topic": topic})


async def test_bytes_leave_as_they_are(broker: Broker, registry: CollectorRegistry) -> None:
    async with memory_broker(broker) as log:
        await broker.publish(b"\xff raw", topic="elsewhere.v1", key=b"k", headers={"a": "b"})
    (record,) = log.records
    assert (record.topic, record.key, record.value) == ("elsewhere.v1", b"k", b"\xff raw")
    said = dict(record.headers)
    assert said["a"] == b"b" and not any(name.startswith("ce_") for name in said)
    assert published(registry, "elsewhere.v1") == 1


async def test_an_event_is_told_to_kafka_by_its_key_with_its_headers_and_waited_for(
    broker: Broker, registry: CollectorRegistry
) -> None:
    sent: list[tuple[Any, ...]] = []
    kafkas = asyncio.get_running_loop().create_future()

    async def send(*record: Any, headers: list[tuple[str, bytes]]) -> "asyncio.Future[str]":
        sent.append((*record, dict(headers)))
        kafkas.set_result("it is there")
        return kafkas

    aiokafkas = SimpleNamespace(producer=SimpleNamespace(send=send))
    broker.config.broker_config.producer = SimpleNamespace(_producer=aiokafkas)  # type: ignore[assignment]
    assert await broker.publish(MUG, topic=PRODUCT_WITHDRAWN.name, partition=3) == "it is there"
    ((topic, body, key, partition, headers),) = sent
    assert (topic, key, partition) == (PRODUCT_WITHDRAWN.name, b"mug", 3)
    assert ProductWithdrawn.model_validate_json(body) == MUG
    assert headers["ce_type"] == b"backdrop.ProductWithdrawn" and headers["ce_source"] == b"backdrop/curator"
    assert published(registry, PRODUCT_WITHDRAWN.name) == 1


async def test_a_partition_that_is_asked_for_reaches_kafka_whatever_is_published(broker: Broker) -> None:
    commands: list[KafkaPublishCommand] = []

    async def publish(command: KafkaPublishCommand) -> str:
        commands.append(command)
        return f"it is kept in {command.destination}"

    broker.config.broker_config.producer = SimpleNamespace(publish=publish)  # type: ignore[assignment]
    await broker.publish(b"raw", topic="elsewhere.v1", partition=3)
    said = await broker.publish(MUG, topic=PRODUCT_WITHDRAWN.name, partition=4)
    assert said == f"it is kept in {PRODUCT_WITHDRAWN.name}"
    assert [(one.destination, one.partition, one.publish_type) for one in commands] == [
        ("elsewhere.v1", 3, PublishType.PUBLISH),
        (PRODUCT_WITHDRAWN.name, 4, PublishType.PUBLISH),
    ]


async def test_in_memory_what_a_handler_publishes_is_kept_at_once_as_an_event_with_all_its_headers(
    broker: Broker,
) -> None:
    pending = PendingPublishes()
    async with memory_broker(broker) as log:
        await said_while_in_hand(broker, pending, PRODUCT_WITHDRAWN.name)
    (record,) = log.records
    assert (record.key, record.value) == (b"mug", MUG.model_dump_json().encode())
    assert dict(record.headers)["ce_type"] == b"backdrop.ProductWithdrawn"
    assert pending.sent == [], "there is nothing to wait for"


async def test_an_answer_belongs_to_the_message_of_its_batch_with_its_key(
    broker: Broker, kafka: KafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans, heard = list[tuple[str, Trace | None]](), list[Event]()

    class Noted(NoSpans):
        def publish(self, topic: str, parent: Trace | None) -> AbstractContextManager[Trace]:
            spans.append((topic, parent))
            return super().publish(topic, parent)

    monkeypatch.setattr(broker.envelope, "spans", Noted())
    broker.counted.heard.append(heard.append)
    asked, first = InHand(Trace.new()), InHand(Trace.new())
    first.batch = {GENERATED.key: asked}
    token = in_hand.set(first)
    await broker.publish(GENERATED, topic=BACKGROUND_GENERATED.name, headers={"mine": "too"})
    in_hand.reset(token)
    assert spans == [(BACKGROUND_GENERATED.name, asked.trace)]
    assert heard == [GENERATED] and (len(asked.options_at), len(first.options_at)) == (1, 0)
    said = dict(kafka.taken[0].headers)
    assert said["mine"] == b"too" and asked.trace.trace_id.encode() in said["traceparent"]


@pytest.fixture
def kafka(broker: Broker) -> KafkaProducer:
    kafka = KafkaProducer()
    publishes_through(broker, kafka)
    return kafka


async def said_while_in_hand(
    broker: Broker, pending: PendingPublishes, *topics: str, event: Event = MUG, submitted_at: float | None = None
) -> None:
    token = in_hand.set(InHand(Trace.new(), submitted_at, pending=pending))
    for topic in topics:
        await broker.publish(event, topic=topic)
    in_hand.reset(token)


async def test_what_handlers_publish_leaves_in_its_order_when_the_loop_turns_and_what_is_waited_for_behind_it(
    broker: Broker, kafka: KafkaProducer, registry: CollectorRegistry
) -> None:
    pending = PendingPublishes()
    await said_while_in_hand(broker, pending, "a.v1", "b.v1", "c.v1")
    assert kafka.topics == [] and [answer.confirmation for answer in pending.sent] == [None, None, None]
    assert await broker.publish(MUG, topic="d.v1") == "d.v1"
    assert kafka.topics == ["a.v1", "b.v1", "c.v1", "d.v1"]
    assert [await (await answer.posted()) for answer in pending.sent] == ["a.v1", "b.v1", "c.v1"]
    assert [published(registry, topic) for topic in kafka.topics] == [1, 1, 1, 1]


async def test_what_the_producer_does_not_take_is_told_to_whoever_waits_for_it_and_leaves_later_as_it_was(
    broker: Broker, kafka: KafkaProducer, registry: CollectorRegistry
) -> None:
    pending, kafka.refusals = PendingPublishes(), [KafkaTimeoutError()]
    await said_while_in_hand(broker, pending, "a.v1", "b.v1")
    first, second = pending.sent
    with pytest.raises(KafkaTimeoutError):
        await (await first.posted())
    assert await (await second.posted()) == "b.v1", "its neighbour left"
    assert await (await first.send()) == await (await first.send()) == "a.v1"
    first_time, second_time = kafka.taken[1:]
    assert first_time.headers is second_time.headers, "sealed once: the same time, the same trace"
    assert published(registry, "a.v1") == 1, "a message is published once however often it is sent"


async def test_what_leaves_together_is_one_batch_for_each_place_where_kafkas_clients_look_for_its_key(
    broker: Broker, kafka: KafkaProducer
) -> None:
    pending, kafka.partitions = PendingPublishes(), 3
    token = in_hand.set(InHand(Trace.new(), pending=pending))
    for name in ("21", "a-little-bit-long-string", "foobar"):  # by Kafka's murmur2: 0, 2 and 0
        await broker.publish(ProductWithdrawn(product_id=name), topic="a.v1")
    await broker.publish(MUG, topic="a.v1", partition=2)
    in_hand.reset(token)
    assert [await (await answer.posted()) for answer in pending.sent] == ["a.v1"] * 4
    assert [(one.partition, one.together, one.key) for one in kafka.taken] == [
        (0, 2, b"21"),
        (0, 2, b"foobar"),
        (2, 2, b"a-little-bit-long-string"),
        (2, 2, b"mug"),
    ]


async def test_what_does_not_fit_into_one_batch_leaves_in_the_next_and_what_fits_into_none_alone(
    broker: Broker, kafka: KafkaProducer
) -> None:
    pending, kafka.batch_bytes = PendingPublishes(), 900  # two events of 300 to 400 bytes with their headers
    token = in_hand.set(InHand(Trace.new(), pending=pending))
    for name, reason in (("1", ""), ("2", ""), ("3", ""), ("long", "x" * 1000), ("5", "")):
        await broker.publish(ProductWithdrawn(product_id=name, reason=reason), topic="a.v1")
    in_hand.reset(token)
    await pending.sent[-1].posted()
    assert [(one.key, one.together) for one in kafka.taken] == [
        (b"1", 2),
        (b"2", 2),
        (b"3", 1),
        (b"long", 1),
        (b"5", 1),
    ]


async def test_where_a_topic_is_not_known_its_events_are_refused_and_all_others_leave(
    broker: Broker, kafka: KafkaProducer
) -> None:
    pending, kafka.unknown = PendingPublishes(), "a.v1"
    await said_while_in_hand(broker, pending, "a.v1", "b.v1", "a.v1")
    first, second, third = pending.sent
    for one in (first, third):
        with pytest.raises(UnknownTopicOrPartitionError):
            await (await one.posted())
    assert await (await second.posted()) == "b.v1" and kafka.topics == ["b.v1"]


async def test_whatever_fails_while_events_are_packed_nobody_waits_for_them_for_ever(
    broker: Broker, kafka: KafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> BatchBuilder:
        monkeypatch.undo()
        raise ZeroDivisionError

    pending = PendingPublishes()
    monkeypatch.setattr(kafka, "create_batch", broken)
    await said_while_in_hand(broker, pending, "a.v1", "b.v1")
    first, second = pending.sent
    with pytest.raises(ZeroDivisionError):
        await (await asyncio.wait_for(first.posted(), 60))
    assert await (await second.posted()) == "b.v1"


async def test_an_event_that_no_topic_takes_is_its_handlers_failure_at_once(
    broker: Broker, kafka: KafkaProducer
) -> None:
    most, pending = MAX_EVENT_BYTES - HEADROOM, PendingPublishes()
    around = len(MUG.model_copy(update={"reason": ""}).model_dump_json())
    longest, longer = (MUG.model_copy(update={"reason": "x" * (size - around)}) for size in (most, most + 1))
    with pytest.raises(MessageSizeTooLargeError, match=f"an event of {most + 1} bytes; at most {most}"):
        await said_while_in_hand(broker, pending, "a.v1", event=longer)
    assert pending.sent == [] and kafka.topics == []
    await said_while_in_hand(broker, pending, "a.v1", event=longest)
    assert await (await pending.sent[0].posted()) == "a.v1"


async def test_what_waits_for_room_until_its_message_is_done_is_waited_for_by_who_says_it(
    broker: Broker, kafka: KafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_WAITING", 1)
    pending = PendingPublishes()
    await said_while_in_hand(broker, pending, "a.v1")
    late = asyncio.create_task(said_while_in_hand(broker, pending, "late.v1"))
    while not broker.outbox._posting or not kafka.topics:
        await asyncio.sleep(0)
        pending.open = False
    await late
    assert kafka.topics == ["a.v1", "late.v1"] and len(pending.sent) == 1


async def test_a_handler_that_says_very_much_waits_for_the_producer(
    broker: Broker, kafka: KafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_WAITING", 2)
    pending = PendingPublishes()
    await said_while_in_hand(broker, pending, "a.v1", "b.v1", "c.v1")
    assert kafka.topics == ["a.v1", "b.v1"]
    assert await (await pending.sent[2].posted()) == "c.v1"


async def test_what_cannot_be_sealed_is_its_handlers_failure_at_once(broker: Broker, kafka: KafkaProducer) -> None:
    pending = PendingPublishes()
    with pytest.raises((ValueError, OverflowError)):
        await said_while_in_hand(broker, pending, "a.v1", submitted_at=1e300)
    assert pending.sent == [] and kafka.topics == []


async def test_an_answer_is_posted_when_it_has_left_itself_and_a_slow_producer_is_an_outage(
    broker: Broker, kafka: KafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SLOW_S", 0.0)
    pending, kafka.opened = PendingPublishes(), asyncio.Semaphore(0)
    await said_while_in_hand(broker, pending, "a.v1", "b.v1")
    first, second = (asyncio.create_task(answer.posted()) for answer in pending.sent)
    while broker.health.waits_for != ("kafka_down",):
        await asyncio.sleep(0)
    kafka.opened.release()
    assert await (await first) == "a.v1" and not second.done(), "its neighbour's wait is not its own"
    kafka.opened.release()
    assert await (await second) == "b.v1" and broker.health.waits_for == ()
