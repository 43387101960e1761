"""The log in memory keeps what Kafka would keep: places, keys, headers, offsets, and who has read how far."""

import asyncio

import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from shared.contracts.errors import NotYet, Transient
from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN
from shared.runtime.broker import Broker, make_broker
from shared.runtime.delivery.deliveries import Mark
from shared.runtime.in_hand import PendingPublishes
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.memory.consumer import MemoryConsumer
from shared.runtime.memory.log import MemoryOffsets
from shared.runtime.records import headers_of
from shared.runtime.settings import KafkaSettings

JSON = ("content-type", b"application/json")
PLACE = TopicPartition("t", 0)


@pytest.fixture
def broker() -> Broker:
    return make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())


def test_a_record_says_where_it_stands_and_what_it_weighs() -> None:
    log = MemoryLog()
    headers = [("a", b"1"), ("a", None)]
    log.append("t", b"mug", b"12345", headers)
    log.append("other", None, None, ())
    second = log.append("t", None, None, ())
    first = log.said("t")[0]
    assert (first.topic, first.partition, first.offset, first.key, first.value) == ("t", 0, 0, b"mug", b"12345")
    assert first.headers == headers
    assert (first.serialized_key_size, first.serialized_value_size) == (3, 5)  # type: ignore[attr-defined]
    assert (second.offset, second.serialized_key_size, second.serialized_value_size) == (1, 0, 0)  # type: ignore[attr-defined]
    assert [record.offset for record in log.said("other")] == [0]
    assert 1.7e12 < first.timestamp < 1e13, "milliseconds"  # type: ignore[attr-defined]


async def test_a_log_is_settled_when_every_listener_is_done_with_every_record() -> None:
    log = MemoryLog()
    earlier = log.append("t", None, b"0", ())
    heard = log.listen("t".__eq__, earlier=[earlier])
    log.append("t", None, b"1", ())
    log.append("other", None, b"2", ())
    for value in (b"0", b"1"):
        assert await values(heard, most=1) == [value]
        with pytest.raises(TimeoutError):
            await log.settled(0.01)
    assert await values(heard) == []
    await log.settled(1)


async def test_what_a_listener_leaves_unread_is_waited_for_by_nobody() -> None:
    log = MemoryLog()
    one, other = log.listen("t".__eq__), log.listen("t".__eq__)
    log.append("t", None, b"1", ())
    log.leave(one)
    log.append("t", None, b"2", ())
    assert (len(one.unread), len(other.unread)) == (1, 2)
    waiting = asyncio.create_task(log.settled(60))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    log.leave(other)
    await waiting


async def test_a_waiter_wakes_when_the_last_record_is_done() -> None:
    log = MemoryLog()
    consumer = log.listen("t".__eq__)
    log.append("t", None, b"1", ())
    waiting = asyncio.create_task(log.settled(60))
    await values(consumer)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await values(consumer)
    await waiting


async def test_a_partition_that_rests_gives_nothing_and_what_was_given_back_comes_again_in_its_place() -> None:
    log, rests = MemoryLog(), TopicPartition("t", 1)
    consumer = log.listen("t".__eq__)
    for number, partition in enumerate((0, 1, 0, 1, 1)):
        log.append("t", None, b"%d" % number, (), partition=partition)
    assert await values(consumer, most=4) == [b"0", b"2", b"1", b"3"], "by their partitions"
    consumer.seek(rests, 3)
    consumer.pause(rests)
    assert await values(consumer) == []
    log.append("t", None, b"5", ())
    assert await values(consumer, most=1) == [b"5"]
    assert [record.value for record in consumer.unread] == [b"3", b"4"]
    consumer.resume(rests)
    assert await values(consumer) == [b"3", b"4"]


async def test_a_consumer_that_waits_wakes_for_what_comes_and_not_for_what_rests() -> None:
    log, rests = MemoryLog(), TopicPartition("t", 1)
    consumer = log.listen("t".__eq__)
    consumer.pause(rests)
    waiting = asyncio.create_task(consumer.getmany(timeout_ms=60_000, max_records=None))
    await asyncio.sleep(0.01)
    log.append("t", None, b"0", (), partition=1)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    record = log.append("t", None, b"1", ())
    assert await waiting == {PLACE: [record]}


async def values(consumer: MemoryConsumer, most: int | None = None) -> list[bytes | None]:
    found = await consumer.getmany(timeout_ms=0, max_records=most)
    return [record.value for some in found.values() for record in some]


async def test_offsets_are_what_was_finished_and_marks_move_with_them() -> None:
    log, offsets = MemoryLog(), MemoryOffsets()
    first, second = log.append("t", None, b"1", ()), log.append("t", None, b"2", ())
    assert not offsets.has(first)
    await offsets.finished([first], PendingPublishes())
    assert offsets.committed == {PLACE: 1} and offsets.held == {}
    assert offsets.has(first) and not offsets.has(second)
    await offsets.mark(PLACE, Mark(1, 2))
    assert await offsets.left(PLACE) == Mark(1, 2)
    await offsets.finished([second], PendingPublishes())
    assert (offsets.committed, await offsets.left(PLACE)) == ({PLACE: 2}, Mark(2))
    offsets.release()
    assert await offsets.left(PLACE) is None


def test_all_groups_are_released_at_an_orderly_end_and_each_has_its_own_offsets() -> None:
    log = MemoryLog()
    one, other = log.read_by("one"), log.read_by("other")
    assert log.read_by("one") is one and one is not other
    for each in (one, other):
        each.held[PLACE] = Mark(1)
    log.release()
    assert one.held == other.held == {}


async def test_a_batch_in_one_envelope_is_refused(broker: Broker) -> None:
    event = ProductWithdrawn(product_id="mug")
    async with memory_broker(broker) as log:
        with pytest.raises(
            NotImplementedError, match=r"^publish events one by one: in a batch all would share one id$"
        ):
            await broker.publish_batch(event, event, topic="t")
    assert log.records == []


async def test_bytes_leave_without_a_content_type_as_from_the_real_producer(broker: Broker) -> None:
    async with memory_broker(broker) as log:
        await broker.publish(b"\xff", topic="t", key=b"mug")
        await broker.publish("words", topic="t")
    record, words = log.said("t")
    assert headers_of(words)["content-type"] == "text/plain"
    assert (record.key, record.value, headers_of(record)["content-type"]) == (b"mug", b"\xff", "")


async def test_a_batch_is_all_that_is_there_and_no_more_than_its_most(broker: Broker) -> None:
    heard: list[int] = []

    @broker.subscriber("t", group_id="curator", batch=True, max_records=2)
    async def on_batch(batch: list[ProductWithdrawn]) -> None:
        heard.append(len(batch))

    log = MemoryLog()
    for _ in range(5):
        log.append("t", b"mug", b'{"product_id": "mug"}', [JSON])
    async with memory_broker(broker, log=log):
        await log.settled(10)
    assert heard == [2, 2, 1]


async def test_a_batch_without_a_most_is_all_that_is_there(broker: Broker) -> None:
    heard: list[int] = []

    @broker.subscriber("t", group_id="curator", batch=True)
    async def on_batch(batch: list[ProductWithdrawn]) -> None:
        heard.append(len(batch))

    log = MemoryLog()
    for _ in range(5):
        log.append("t", b"mug", b'{"product_id": "mug"}', [JSON])
    async with memory_broker(broker, log=log):
        await log.settled(10)
    assert heard == [5]


async def test_another_broker_reads_on_from_what_was_committed_and_without_a_group_from_the_start() -> None:
    log, heard = MemoryLog(), []
    for product in ("a", "b"):
        log.append(
            PRODUCT_WITHDRAWN.name, b"mug", ProductWithdrawn(product_id=product).model_dump_json().encode(), [JSON]
        )
    retried = [JSON, ("x-retry-group", b"curator")]
    log.append(
        PRODUCT_WITHDRAWN.retry, b"mug", ProductWithdrawn(product_id="again").model_dump_json().encode(), retried
    )
    for group in ("curator", "curator", None):
        broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())

        @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=group)
        async def on_withdrawn(event: ProductWithdrawn) -> None:
            heard.append(event.product_id)

        async with memory_broker(broker, log=log):
            await log.settled(10)
        heard.append("end")
    first, rest = set(heard[:3]), heard[3:]  # what waits on the retry topic is heard beside the others
    assert (first, rest) == ({"a", "b", "again"}, ["end", "end", "a", "b", "end"])


async def test_what_waits_shortly_on_a_retry_topic_stands_behind_nothing_that_waits_long() -> None:
    settings = KafkaSettings(tries=1, retry_delays_s=(600.0,), not_yet_delays_s=(0.1,))
    broker = make_broker(settings, service="curator", registry=CollectorRegistry())
    answer = SampleCurated(product_id="quick", image_sha256="a" * 64, verdict="dropped", reason="never_came")
    tries, done = list[str](), asyncio.Event()

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        tries.append(event.product_id)
        if event.product_id == "slow":
            raise Transient("busy", "later")
        if tries.count("quick") == 1:
            raise NotYet("not_there_yet", "soon", answer=answer)
        done.set()

    async with memory_broker(broker):
        for product in ("slow", "quick"):
            await broker.publish(ProductWithdrawn(product_id=product), PRODUCT_WITHDRAWN.name, key=product.encode())
        await asyncio.wait_for(done.wait(), 10)
    assert tries == ["slow", "quick", "quick"]


async def test_a_broker_is_itself_again_afterwards(broker: Broker) -> None:
    before = (broker.config.broker_config.producer, broker.letters.copy, broker.find_reader)
    async with memory_broker(broker):
        assert broker.config.broker_config.producer is not before[0]
        assert broker.letters.copy != before[1] and broker.find_reader != before[2]
        assert broker.find_reader(None, "") is None
        reader = broker.find_reader(None, "curator")
        assert reader is not None and broker.find_reader(None, "curator") is reader
        assert reader.deliveries._alone is broker.alone
    assert (broker.config.broker_config.producer, broker.letters.copy, broker.find_reader) == before


async def test_a_subscriber_without_a_handler_reads_nothing() -> None:
    broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())
    broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="behind")
    async def on_withdrawn(event: ProductWithdrawn) -> None: ...

    async with memory_broker(broker) as log:
        await broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name)
        await log.settled(10)
    assert not log.read_by("curator").has(log.records[0]) and log.read_by("behind").has(log.records[0])


async def test_a_copy_is_kept_byte_for_byte(broker: Broker) -> None:
    async with memory_broker(broker) as log:
        await broker.letters.copy("t.dead", key=b"\xfe", value=b"\xff", headers=(("a", None), ("a", b"1")))
    (record,) = log.records
    assert (record.topic, record.key, record.value, record.headers) == (
        "t.dead",
        b"\xfe",
        b"\xff",
        [("a", None), ("a", b"1")],
    )


async def test_a_broker_that_rests_leaves_what_comes_to_the_next() -> None:
    log, heard = MemoryLog(), list[str]()

    def curator() -> Broker:
        broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())

        @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
        async def on_withdrawn(event: ProductWithdrawn) -> None:
            heard.append(event.product_id)

        return broker

    resting = curator()
    async with memory_broker(resting, log=log):
        await resting.publish(ProductWithdrawn(product_id="before"), topic=PRODUCT_WITHDRAWN.name)
        await log.settled()
        await asyncio.wait_for(resting.rest(), 60)
        await resting.publish(ProductWithdrawn(product_id="after"), topic=PRODUCT_WITHDRAWN.name)
        await log.settled()
    assert heard == ["before"]
    async with memory_broker(curator(), log=log):
        await log.settled()
    assert heard == ["before", "after"]


async def test_a_broker_that_rests_waits_for_no_retry_and_is_no_death() -> None:
    log, failed = MemoryLog(), asyncio.Event()
    broker = make_broker(KafkaSettings(tries=1), service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        failed.set()
        raise Transient("busy", "later")

    async with memory_broker(broker, log=log):
        await broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name)
        await asyncio.wait_for(failed.wait(), 60)
        await asyncio.wait_for(broker.rest(), 10)
        await log.settled(10)
    assert len(log.said(PRODUCT_WITHDRAWN.retry)) == 1 and log.read_by("curator").held == {}


async def test_how_far_a_consumer_is_behind_is_counted_at_its_only_partition() -> None:
    registry, behind = CollectorRegistry(), list[float | None]()
    broker = make_broker(KafkaSettings(), service="curator", registry=registry)
    where = {"service": "curator", "topic": PRODUCT_WITHDRAWN.name, "partition": "0"}

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        behind.append(registry.get_sample_value("backdrop_consumer_lag", where))

    log = MemoryLog()
    for _ in range(3):
        log.append(PRODUCT_WITHDRAWN.name, b"mug", b'{"product_id": "mug"}', [JSON])
    async with memory_broker(broker, log=log):
        await log.settled()
    assert behind == [2, 0, 0], "one is taken, then two"
