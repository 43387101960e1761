"""On a retry topic a partition rests until its next record's turn, and holds up no other; each wait has its own."""

import asyncio
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError
from prometheus_client import CollectorRegistry

from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN
from shared.runtime.broker import Broker, make_broker
from shared.runtime.delivery.turns import Turns, partition_of
from shared.runtime.records import Record
from shared.runtime.settings import KafkaSettings

ONE, TWO = (TopicPartition(PRODUCT_WITHDRAWN.retry, number) for number in range(2))


@dataclass(eq=False)
class Consumer:
    """aiokafka's, as far as it can rest: what is at its position of a partition that does not is given."""

    held: dict[TopicPartition, list[Record]]
    lost: set[TopicPartition] = field(default_factory=set)
    at: dict[TopicPartition, int] = field(default_factory=dict)
    paused: set[TopicPartition] = field(default_factory=set)
    waited_ms: list[int] = field(default_factory=list)

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Record]]:
        self.waited_ms.append(timeout_ms)
        found = {}
        for place in self.held.keys() - self.paused:
            if rest := self.held[place][self.at.get(place, 0) :]:
                found[place] = rest
                self.at[place] = len(self.held[place])
        return found

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._mine(place)
        self.at[place] = offset

    def pause(self, place: TopicPartition) -> None:
        self._mine(place)
        self.paused.add(place)

    def resume(self, place: TopicPartition) -> None:
        self._mine(place)
        self.paused.remove(place)

    def _mine(self, place: TopicPartition) -> None:
        if place in self.lost:
            raise IllegalStateError("not assigned")


def record(place: TopicPartition, offset: int, wait_s: float = 0.0, group: str = "curator") -> Record:
    """One that waits so long from now on."""
    headers = (
        ("x-retry-group", group.encode()),
        ("x-retry-delay-s", str(wait_s).encode()),
        ("x-retry-not-before", str(time.time() + wait_s).encode()),
    )
    body = b'{"product_id": "%d-%d"}' % (place.partition, offset)
    made: Record = ConsumerRecord(place.topic, place.partition, offset, 0, 0, b"mug", body, None, 3, 2, headers)
    return made


@dataclass
class Bench:
    """The curator's consumer of a retry topic, with a clock of its own; the seconds that records wait are given."""

    consumer: Consumer
    waits_s: dict[tuple[TopicPartition, int], float]
    now: float = 0.0

    def __post_init__(self) -> None:
        self.turns = Turns(lambda one: self.waits_s.get(_place(one), 0.0), lambda: self.now)

    async def read(self) -> list[tuple[TopicPartition, int]]:
        self.turns.go_on(self.consumer)
        found = await self.consumer.getmany(timeout_ms=0, max_records=9)
        due, _ = self.turns.come(self.consumer, [one for place in sorted(found) for one in found[place]])
        return [_place(one) for one in due]


def _place(one: Record) -> tuple[TopicPartition, int]:
    return TopicPartition(one.topic, one.partition), one.offset


async def test_a_partition_rests_from_the_record_that_waits_and_its_neighbours_go_on() -> None:
    held = {ONE: [record(ONE, number) for number in range(3)], TWO: [record(TWO, 0)]}
    bench = Bench(Consumer(held), {(ONE, 1): 600.0})
    assert await bench.read() == [(ONE, 0), (TWO, 0)]
    assert (bench.consumer.paused, bench.consumer.at[ONE], bench.turns.seconds_to_next) == ({ONE}, 1, 600.0)
    bench.now = 599.0
    held[TWO].append(record(TWO, 1))
    assert await bench.read() == [(TWO, 1)] and bench.turns.seconds_to_next == 1.0
    bench.now = 600.0
    assert await bench.read() == [(ONE, 1), (ONE, 2)] and bench.consumer.paused == set()


async def test_what_was_waited_for_once_is_not_waited_for_again_whatever_its_headers_say() -> None:
    bench = Bench(Consumer({ONE: [record(ONE, 0), record(ONE, 1)]}), {(ONE, 0): 5.0, (ONE, 1): 5.0})
    assert await bench.read() == []
    bench.now = 5.0
    assert await bench.read() == [(ONE, 0)], "the next one has a wait of its own"
    bench.now = 10.0
    assert await bench.read() == [(ONE, 1)]


async def test_partitions_that_are_taken_away_are_somebody_elses_to_wait_for() -> None:
    consumer = Consumer({ONE: [record(ONE, 0), record(ONE, 1)]}, lost={ONE})
    bench = Bench(consumer, {(ONE, 0): 5.0})
    assert await bench.read() == [] and bench.turns.seconds_to_next == float("inf")
    consumer.lost.clear()
    consumer.at.clear()
    assert await bench.read() == [] and consumer.paused == {ONE}
    consumer.lost.add(ONE)
    bench.now = 5.0
    bench.turns.go_on(consumer)
    assert bench.turns.seconds_to_next == float("inf")


async def test_after_a_rebalance_nothing_rests() -> None:
    bench = Bench(Consumer({ONE: [record(ONE, 0)]}), {(ONE, 0): 5.0})
    assert await bench.read() == []
    bench.turns.forget()
    bench.consumer.paused.clear()
    assert await bench.read() == [] and bench.turns.seconds_to_next == 5.0, "it waits anew"
    bench.consumer.paused.clear()  # it came anew in the midst of a rebalance, of which the turns have not heard yet
    assert await bench.read() == [] and bench.consumer.paused == {ONE}


async def test_the_lane_of_a_retry_topic_handles_what_is_due_past_what_waits_long() -> None:
    handled = list[str]()
    broker: Broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        handled.append(event.product_id)

    broker.listen_for_retries()
    subscribers: list[Any] = list(broker.subscribers)
    (retried,) = [one for one in subscribers if one.group_id == "curator.retry"]
    held = {ONE: [record(ONE, 0, 600.0, group="another"), record(ONE, 1, 600.0)], TWO: [record(TWO, 0, 0.1)]}
    consumer = Consumer(held)
    while not handled:
        found = await retried.lane.next(consumer)
        if found is not None:
            await retried.process_message(found)
        await asyncio.sleep(0.01)
    assert handled == ["1-0"] and consumer.paused == {ONE} and consumer.at[ONE] == 1
    assert consumer.waited_ms[0] == 1000 and 0 < consumer.waited_ms[1] <= 100
    retried.lane.forget()
    consumer.waited_ms.clear()
    await retried.lane.next(consumer)
    assert consumer.waited_ms == [1000]


WAITS = KafkaSettings().waits_s


@pytest.mark.parametrize("count", [1, 2, 4, 5, 12, 40])
def test_each_wait_has_partitions_of_its_own_as_far_as_there_are_enough(count: int) -> None:
    assert WAITS == (2.0, 8.0, 30.0, 120.0, 600.0)
    keys = [f"{number}".encode() for number in range(300)]
    mine = [{partition_of(key, wait_s, WAITS, range(count)) for key in keys} for wait_s in WAITS]
    assert all(max(one) <= min(longer) for one, longer in pairwise(mine))
    if count >= len(WAITS):
        assert set().union(*mine) == set(range(count)) and sum(map(len, mine)) == count
    assert partition_of(None, 1e9, WAITS, range(count)) == min(mine[-1]), "a wait that nobody knows is a long one"


def test_a_key_stays_among_the_partitions_of_its_wait() -> None:
    assert len({partition_of(b"mug", 600.0, WAITS, range(12)) for _ in range(3)}) == 1
