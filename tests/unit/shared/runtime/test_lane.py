"""A lane takes records ahead, and gives them back: to nobody after a rebalance, to Kafka when one is left."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError
from faststream.exceptions import NackMessage
from prometheus_client import CollectorRegistry

from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime import lane as module
from shared.runtime.broker import Broker, make_broker
from shared.runtime.delivery import dead_letter
from shared.runtime.delivery.deliveries import Deliveries, Mark
from shared.runtime.delivery.retry import Reader
from shared.runtime.in_hand import PendingPublishes
from shared.runtime.lane import MOST_AHEAD, Pace
from shared.runtime.memory.log import MemoryOffsets
from shared.runtime.settings import KafkaSettings
from tests.fakes.kafka_producer import KafkaProducer, publishes_through


def record(offset: int, partition: int = 0) -> ConsumerRecord:
    body = b'{"product_id": "%d-%d"}' % (partition, offset)
    return ConsumerRecord(PRODUCT_WITHDRAWN.name, partition, offset, 0, 0, b"mug", body, None, 3, 2, ())


@dataclass(eq=False)
class Consumer:
    """Hands out what it holds, as much as is asked for, and remembers where it was told to go back to."""

    held: list[ConsumerRecord] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    sought: list[tuple[TopicPartition, int]] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        assert timeout_ms == 1000, "who is told to stop meanwhile does so"
        self.asked.append(max_records)
        given, self.held = self.held[:max_records], self.held[max_records:]
        places: dict[TopicPartition, list[ConsumerRecord]] = {}
        for one in given:
            places.setdefault(TopicPartition(one.topic, one.partition), []).append(one)
        return places

    def seek(self, place: TopicPartition, offset: int) -> None:
        if place.partition in self.lost:
            raise IllegalStateError("not assigned")
        self.sought.append((place, offset))


@dataclass
class Bench:
    """A subscriber with a handler that notes what it got, and leaves what it is told to."""

    consumer: Consumer
    handled: list[str] = field(default_factory=list)
    leaves: dict[str, BaseException] = field(default_factory=dict)
    meanwhile: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    offsets: MemoryOffsets = field(default_factory=MemoryOffsets)
    group: str | None = "curator"
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.broker: Broker = make_broker(KafkaSettings(), service="curator", registry=self.registry)
        self.subscriber: Any = self.broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=self.group)

        @self.subscriber
        async def on_withdrawn(event: ProductWithdrawn) -> None:
            self.handled.append(event.product_id)
            if event.product_id in self.meanwhile:
                await self.meanwhile[event.product_id]()
            if event.product_id in self.leaves:
                raise self.leaves.pop(event.product_id)

        self.subscriber.consumer = self.consumer
        reader = Reader(self.offsets, Deliveries(self.offsets, alone=self.broker.alone))
        self.broker.find_reader = lambda consumer, group: reader if group and consumer is self.consumer else None

    async def read(self, times: int) -> None:
        for _ in range(times):
            found = await self.subscriber.lane.next(self.consumer)
            if found is not None:
                await self.subscriber.process_message(found)


async def test_records_are_taken_ahead_and_handled_in_their_order() -> None:
    bench = Bench(Consumer([record(offset) for offset in range(6)]))
    await bench.read(10)
    assert bench.handled == [f"0-{offset}" for offset in range(6)]
    assert bench.consumer.asked[:3] == [1, 2, 4], "ever more, as they are handled in no time"
    assert bench.offsets.committed == {TopicPartition(PRODUCT_WITHDRAWN.name, 0): 6}


async def test_what_was_taken_ahead_is_not_handled_after_the_partitions_are_gone() -> None:
    bench = Bench(Consumer([record(offset) for offset in range(4)]))
    bench.meanwhile["0-1"] = lambda: bench.broker._hand_over(bench.subscriber)
    await bench.read(3)  # one, then two of which the second is not begun, then what comes next
    assert bench.handled == ["0-0", "0-1", "0-3"], "whoever has the partition now handles 0-2"


async def test_what_was_taken_ahead_is_left_to_the_next_reader_when_the_service_stops() -> None:
    bench = Bench(Consumer([record(offset) for offset in range(3)]))
    ends: list[asyncio.Task[None]] = []

    async def told_to_stop() -> None:
        ends.append(asyncio.create_task(bench.broker._finish(bench.subscriber)))
        await asyncio.sleep(0)

    bench.meanwhile["0-1"] = told_to_stop
    await bench.read(2)
    await ends[0]
    assert bench.handled == ["0-0", "0-1"], "the message in hand ends, and none behind it begins"
    assert bench.offsets.committed == {TopicPartition(PRODUCT_WITHDRAWN.name, 0): 2}


async def test_a_message_that_is_left_is_read_again_before_what_is_behind_it() -> None:
    records = [record(0), record(1), record(0, partition=1), record(2), record(3)]
    bench = Bench(Consumer(records), leaves={"0-1": NackMessage()})
    await bench.read(2)
    assert bench.consumer.sought == [(TopicPartition(PRODUCT_WITHDRAWN.name, 0), 1)]
    assert bench.handled == ["0-0", "0-1", "1-0"], "its neighbour of another partition goes on"
    assert bench.offsets.committed == {
        TopicPartition(PRODUCT_WITHDRAWN.name, 0): 1,
        TopicPartition(PRODUCT_WITHDRAWN.name, 1): 1,
    }


async def test_what_was_taken_of_a_partition_is_given_back_with_the_message_that_is_left() -> None:
    bench = Bench(Consumer([record(0), record(1), record(2)]), leaves={"0-1": NackMessage()})
    await bench.read(2)
    bench.consumer.held = [record(1), record(2)]
    await bench.read(4)
    assert bench.handled == ["0-0", "0-1", "0-1", "0-2"]


async def test_a_failure_of_the_runtime_itself_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Consumer([record(0)]))
    refusals = [ZeroDivisionError()]
    opened = bench.broker.envelope.opened

    def breaking(*message: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return opened(*message)

    monkeypatch.setattr(bench.broker.envelope, "opened", breaking)
    bench.broker.health.stop()  # so that nobody waits before it is read again
    with structlog.testing.capture_logs() as lines:
        await bench.read(1)
    assert [line["event"] for line in lines] == ["a message is read again", "waits before another try"]
    assert lines[1]["detail"] == "ZeroDivisionError: "
    assert bench.consumer.sought == [(TopicPartition(PRODUCT_WITHDRAWN.name, 0), 0)] and bench.offsets.committed == {}


async def test_without_a_group_what_was_taken_behind_a_message_that_is_left_is_not_lost_either() -> None:
    bench = Bench(Consumer([record(0), record(1), record(2)]), leaves={"0-1": NackMessage()}, group=None)
    await bench.read(2)
    assert bench.consumer.sought == [(TopicPartition(PRODUCT_WITHDRAWN.name, 0), 1)]
    bench.consumer.held = [record(1), record(2)]
    await bench.read(4)
    assert bench.handled == ["0-0", "0-1", "0-1", "0-2"]
    assert bench.offsets.committed == {}, "nobody's"


async def test_a_message_that_is_left_while_its_partition_goes_is_somebody_elses() -> None:
    bench = Bench(Consumer([record(0)], lost={0}), leaves={"0-0": NackMessage()})
    with structlog.testing.capture_logs() as lines:
        await bench.read(1)
    left = {"event": "a message is left to another reader", "topic": PRODUCT_WITHDRAWN.name, "partition": 0}
    assert lines == [left | {"log_level": "info"}]
    assert bench.offsets.committed == {}


async def test_where_there_is_nothing_to_go_back_in_a_message_that_is_left_is_left() -> None:
    bench = Bench(Consumer(), leaves={"0-0": NackMessage()}, group=None)
    bench.subscriber.consumer = None
    await bench.subscriber.process_message(record(0))
    assert bench.handled == ["0-0"]


async def test_a_batch_that_is_left_is_read_again_from_its_first_record_of_each_partition() -> None:
    bench = Bench(Consumer())
    several: Any = bench.broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", batch=True)

    @several
    async def on_several(events: list[ProductWithdrawn]) -> None:
        raise NackMessage

    several.consumer = bench.consumer
    await several.process_message((record(3), record(4), record(7, partition=1), record(8, partition=1)))
    first, second = (TopicPartition(PRODUCT_WITHDRAWN.name, number) for number in (0, 1))
    assert bench.consumer.sought == [(first, 3), (second, 7)]


async def test_a_batch_is_one_message_for_its_handler_and_committed_as_one() -> None:
    bench, heard = Bench(Consumer()), list[list[str]]()
    several: Any = bench.broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", batch=True)

    @several
    async def on_several(events: list[ProductWithdrawn]) -> None:
        heard.append([event.product_id for event in events])

    several.consumer = bench.consumer
    await several.process_message((record(3), record(4), record(7, partition=1)))
    assert heard == [["0-3", "0-4", "1-7"]]
    first, second = (TopicPartition(PRODUCT_WITHDRAWN.name, number) for number in (0, 1))
    assert bench.offsets.committed == {first: 5, second: 8}


async def test_what_may_have_killed_the_last_reader_is_named_while_it_is_in_hand() -> None:
    bench, named = Bench(Consumer([record(0)])), list[Mark]()
    place = TopicPartition(PRODUCT_WITHDRAWN.name, 0)
    await bench.offsets.mark(place, Mark(0))

    async def note() -> None:
        named.append(bench.offsets.held[place])

    bench.meanwhile["0-0"] = note
    await bench.read(1)
    assert named == [Mark(0, 2)], "for the second time"


async def test_what_two_handlers_of_a_service_hear_is_no_duplicate_but_what_one_hears_twice_is() -> None:
    bench = Bench(Consumer())
    other: Any = bench.broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="another")

    @other
    async def also_on_withdrawn(event: ProductWithdrawn) -> None:
        """Hears it too."""

    def duplicates() -> float | None:
        where = {"service": "curator", "topic": PRODUCT_WITHDRAWN.name}
        return bench.registry.get_sample_value("backdrop_duplicates_total", where)

    other.consumer, once = bench.consumer, replace(record(0), headers=(("ce_id", b"one"),))
    for subscriber in (bench.subscriber, other):
        await subscriber.process_message(once)
    assert duplicates() == 0
    await other.process_message(once)
    assert duplicates() == 1


async def test_a_handler_that_is_no_coroutine_runs_beside_the_loop_and_what_it_returns_is_published() -> None:
    bench, kafka, threads = Bench(Consumer()), KafkaProducer(), list[int]()
    plain: Any = bench.broker.subscriber(PRODUCT_WITHDRAWN.name)

    @plain
    @bench.broker.publisher("answers.v1")
    def on_withdrawn(event: ProductWithdrawn) -> ProductWithdrawn:
        threads.append(threading.get_ident())
        return event

    publishes_through(bench.broker, kafka)
    await plain.process_message(record(0))
    assert threads != [threading.get_ident()] and [(one.topic, one.key) for one in kafka.taken] == [
        ("answers.v1", b"0-0")
    ]


async def test_a_message_took_as_long_as_its_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, now = Bench(Consumer()), [100.0]
    slow: Any = bench.broker.subscriber(SAMPLE_CURATED.name)
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])

    @slow
    async def on_curated(event: ProductWithdrawn) -> None:
        now[0] += 2.5

    await slow.process_message(replace(record(0), topic=SAMPLE_CURATED.name))
    where = {"service": "curator", "topic": SAMPLE_CURATED.name}
    assert bench.registry.get_sample_value("backdrop_handler_seconds_sum", where) == 2.5


async def test_answers_are_confirmed_behind_the_handlers_back_and_those_of_its_tasks_afterwards_are_waited_for() -> (
    None
):
    bench, go_on, kafka = Bench(Consumer()), asyncio.Event(), KafkaProducer(slow=True)
    later, pendings = list["asyncio.Task[Any]"](), list[PendingPublishes]()
    answering: Any = bench.broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")

    async def finished(records: Any, pending: PendingPublishes) -> None:
        pendings.append(pending)

    async def publish_later() -> Any:
        await go_on.wait()
        return await bench.broker.publish(ProductWithdrawn(product_id="later"), PRODUCT_WITHDRAWN.name)

    @answering
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        await bench.broker.publish(event, PRODUCT_WITHDRAWN.name)
        later.append(asyncio.create_task(publish_later()))

    publishes_through(bench.broker, kafka)
    bench.offsets.finished = finished  # type: ignore[method-assign]
    answering.consumer = bench.consumer
    await asyncio.wait_for(answering.process_message(record(0)), 60)
    (pending,) = pendings
    assert pending.refused is not None, "an answer that is never taken gives its message up"
    (answer,) = pending.sent
    assert await answer.posted() is kafka.confirmations[0] and not kafka.confirmations[0].done()
    go_on.set()
    async with asyncio.timeout(60):
        while len(kafka.confirmations) < 2:
            await asyncio.sleep(0)
    assert len(pending.sent) == 1 and not later[0].done(), "its message may be committed by now"
    kafka.confirmations[1].set_result("it is there")
    assert await later[0] == "it is there"


def test_a_slow_stage_takes_one_at_a_time_and_a_quick_one_as_many_as_fit_into_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    pace, sizes = Pace(), []
    for each_s in (0.001,) * 9 + (0.0,) * 3 + (2.0, 2.0):
        size = pace.next_size()
        pace.begins(size)
        now[0] += each_s * size
        sizes.append(size)
    assert sizes[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 250, 250], "a quarter of a second's"
    assert sizes[10:13] == [500, MOST_AHEAD, MOST_AHEAD]
    assert pace.next_size() == 1
    pace.begins(0)
    assert pace.next_size() == 1, "nothing was there to be measured"


async def test_a_runtime_that_keeps_failing_is_tried_again_after_growing_pauses_and_is_not_ready_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench, pauses = Bench(Consumer()), list[tuple[float, tuple[str, ...]]]()
    opened, health = bench.broker.envelope.opened, bench.broker.health

    def breaking(*message: Any) -> Any:
        raise ZeroDivisionError

    async def pause(seconds: float) -> None:
        pauses.append((seconds, health.waits_for))

    monkeypatch.setattr(dead_letter.random, "uniform", lambda low, high: high)
    monkeypatch.setattr(health, "pause", pause)
    for failing in (True, True, True, False, True):
        monkeypatch.setattr(bench.broker.envelope, "opened", breaking if failing else opened)
        bench.consumer.held = [record(0)]
        await bench.read(1)
    assert pauses == [(pause_s, ("unexpected",)) for pause_s in (0.5, 1.0, 2.0, 0.5)], "a success in between forgives"
    assert health.waits_for == ()


async def test_a_runtime_that_fails_does_not_hold_up_the_end_of_its_service(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Consumer([record(0)]))
    monkeypatch.setattr(bench.broker.envelope, "opened", lambda message: 1 / 0)
    bench.broker.health.stop()
    await bench.read(1)
    assert bench.consumer.sought == [(TopicPartition(PRODUCT_WITHDRAWN.name, 0), 0)]
