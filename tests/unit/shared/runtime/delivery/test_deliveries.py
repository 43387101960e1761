"""A message that kills its worker is buried by the third worker; nobody else is blamed, and no orderly end counts."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError
from prometheus_client import CollectorRegistry

from shared.contracts.errors import DependencyDown, Transient
from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN
from shared.runtime.broker import make_broker
from shared.runtime.delivery.deliveries import SUSPECTS, Deliveries, Mark
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.memory.log import MemoryOffsets
from shared.runtime.records import headers_of
from shared.runtime.settings import KafkaSettings
from tests.unit.shared.runtime.delivery.test_offsets import Message

HASTY = KafkaSettings(tries=2, try_delay_s=0.001, retry_delays_s=(0.01,), wait_first_s=0.001, wait_cap_s=0.01)
PLACE = TopicPartition(PRODUCT_WITHDRAWN.name, 0)
JSON = [("content-type", b"application/json")]


class Killed(BaseException):
    """What ends a worker without a word."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


def append(log: MemoryLog, *products: str) -> None:
    for product in products:
        body = ProductWithdrawn(product_id=product).model_dump_json().encode()
        log.append(PRODUCT_WITHDRAWN.name, product.encode(), body, JSON)


async def works(log: MemoryLog, use_case: Callable[[str], None], *, batch: bool = False) -> bool:
    """One worker over the log; whether it lived until all was handled."""
    broker = make_broker(HASTY, service="curator", registry=CollectorRegistry())
    died = asyncio.Event()

    def handle(product: str) -> None:
        try:
            use_case(product)
        except Killed:
            died.set()
            raise

    if batch:

        @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", batch=True, max_records=8)
        async def on_several(events: list[ProductWithdrawn]) -> None:
            for event in events:
                handle(event.product_id)
    else:

        @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
        async def on_withdrawn(event: ProductWithdrawn) -> None:
            handle(event.product_id)

    async with memory_broker(broker, log=log):
        ends = [asyncio.create_task(died.wait()), asyncio.create_task(log.settled(10))]
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        lived = ends[0] not in done
        for end in ends:
            end.cancel()
    assert not lived or ends[1].exception() is None, "it was to handle everything"
    return lived


def buried(log: MemoryLog) -> list[tuple[bytes | None, str, str]]:
    letters = [(letter.key, headers_of(letter)) for letter in log.said(PRODUCT_WITHDRAWN.dead)]
    return [(key, headers["x-reason"], headers["x-attempts"]) for key, headers in letters]


@pytest.mark.parametrize("batch", [False, True], ids=["one by one", "in batches"])
async def test_what_kills_two_workers_is_buried_by_the_third_and_its_neighbours_pass(batch: bool) -> None:
    log, handled = MemoryLog(), set()
    append(log, "before", "killer", "behind")

    def use_case(product: str) -> None:
        if product == "killer":
            raise Killed
        handled.add(product)

    lived = [await works(log, use_case, batch=batch) for _ in range(3)]
    assert lived == [False, False, True]
    assert handled == {"before", "behind"}
    assert buried(log) == [(b"killer", "killed_its_worker", "2")]


async def test_two_killers_behind_each_other_are_both_buried_and_nobody_else() -> None:
    log, handled = MemoryLog(), set()
    append(log, "a", "killer-1", "b", "killer-2", "c")

    def use_case(product: str) -> None:
        if product.startswith("killer"):
            raise Killed
        handled.add(product)

    deaths = 0
    while not await works(log, use_case):
        deaths += 1
        assert deaths < 6
    assert deaths == 3, "the second killer was among the suspects of the first death already"
    assert handled == {"a", "b", "c"}
    assert [key for key, _, _ in buried(log)] == [b"killer-1", b"killer-2"]


async def test_what_kills_once_is_handled_by_the_second_worker() -> None:
    log, handled, deaths = MemoryLog(), [], [Killed()]
    append(log, "unlucky", "behind")

    def use_case(product: str) -> None:
        if product == "unlucky" and deaths:
            raise deaths.pop()
        handled.append(product)

    assert [await works(log, use_case) for _ in range(2)] == [False, True]
    assert handled == ["unlucky", "behind"]
    assert buried(log) == []


async def test_a_killer_that_comes_back_by_way_of_the_retry_topic_is_buried_too() -> None:
    log, failures = MemoryLog(), [Transient("busy", "later")] * 2
    append(log, "killer", "behind")

    def use_case(product: str) -> None:
        if product == "killer":
            raise failures.pop() if failures else Killed

    assert [await works(log, use_case) for _ in range(3)] == [False, False, True]
    assert buried(log) == [(b"killer", "killed_its_worker", "4")], "two tries that failed, two that killed"


async def test_a_stop_while_a_message_is_in_hand_is_no_death() -> None:
    log, handled = MemoryLog(), []
    append(log, "waits")
    for _ in range(4):
        await stopped_while_waiting(log)
    assert await works(log, handled.append)
    assert handled == ["waits"]
    assert buried(log) == []


async def stopped_while_waiting(log: MemoryLog) -> None:
    broker, waiting = make_broker(HASTY, service="curator", registry=CollectorRegistry()), asyncio.Event()

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        waiting.set()
        raise DependencyDown("blobs_down", "no answer")

    async with memory_broker(broker, log=log):
        await asyncio.wait_for(waiting.wait(), 60)


async def test_a_suspect_that_fails_is_no_danger_while_it_waits_for_its_next_try() -> None:
    marks = MemoryOffsets()
    marks.held[PLACE] = Mark(7)
    deliveries = Deliveries(marks, alone=asyncio.Lock())
    await deliveries.meet(Message(7))
    with pytest.raises(ValueError):
        async with deliveries.in_hand(Message(7)):
            assert marks.held[PLACE] == Mark(7, 2)
            raise ValueError
    assert marks.held[PLACE] == Mark(7, 1)


async def test_suspects_of_all_consumers_are_handled_one_at_a_time() -> None:
    alone, at_once, most = asyncio.Lock(), 0, 0

    async def handle(deliveries: Deliveries) -> None:
        nonlocal at_once, most
        async with deliveries.in_hand(Message(0)):
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.01)
            at_once -= 1

    suspicious = []
    for _ in range(3):
        marks = MemoryOffsets()
        marks.held[PLACE] = Mark(0)
        suspicious.append(Deliveries(marks, alone=alone))
        await suspicious[-1].meet(Message(0))
    await asyncio.gather(*map(handle, suspicious))
    assert most == 1


async def test_only_the_next_messages_of_a_partition_are_suspects() -> None:
    marks = MemoryOffsets()
    marks.held[PLACE] = Mark(12, 2)
    deliveries = Deliveries(marks, alone=asyncio.Lock())
    await deliveries.meet(Message(10))
    await deliveries.meet(Message(0, partition=1))
    assert [deliveries.earlier(Message(n)) for n in (10, 11, 12, 13)] == [1, 1, 2, 1]
    assert deliveries.earlier(Message(10 + SUSPECTS - 1)) == 1
    assert deliveries.earlier(Message(10 + SUSPECTS)) == 0
    assert deliveries.earlier(Message(0, partition=1)) == 0
    deliveries.forget()
    assert deliveries.earlier(Message(12)) == 0


async def test_a_message_whose_mark_cannot_be_written_is_handled_all_the_same() -> None:
    class Refusing(MemoryOffsets):
        async def mark(self, place: TopicPartition, mark: Mark) -> None:
            raise CommitFailedError()

    marks, handled = Refusing(), False
    marks.held[PLACE] = Mark(7)
    deliveries = Deliveries(marks, alone=asyncio.Lock())
    await deliveries.meet(Message(7))
    with structlog.testing.capture_logs() as lines:
        async with deliveries.in_hand(Message(7)):
            handled = True
    assert handled
    assert lines == [
        {
            "event": "a message is handled without its mark",
            "error": repr(CommitFailedError()),
            "log_level": "warning",
        }
    ]


async def test_a_reader_that_cannot_learn_how_the_last_one_ended_reads_on_and_asks_again() -> None:
    log, handled, refusals = MemoryLog(), [], [CommitFailedError(), TimeoutError()]
    left = log.read_by("curator").left

    async def refusing(place: TopicPartition) -> Mark | None:
        if refusals:
            raise refusals.pop()
        return await left(place)

    log.read_by("curator").left = refusing  # type: ignore[method-assign]
    append(log, "a", "b", "c")
    assert await works(log, handled.append)
    assert handled == ["a", "b", "c"]
    assert refusals == []


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "somebody's note",
        "in-hand",
        "in-hand 7",
        "in-hand 7 0",
        "in-hand x 1",
        "in-hand ² 1",
        "in-hand 7 1 1",
        "in-hand  7 1",
        "in-hand\t7\t1",
    ],
)
def test_metadata_of_others_is_no_mark(text: str | None) -> None:
    assert Mark.read(text) is None


def test_a_mark_is_read_as_it_was_written() -> None:
    assert str(Mark(17, 2)) == "in-hand 17 2"
    assert Mark.read("in-hand 17 2") == Mark(17, 2)


async def test_a_partition_without_a_mark_is_held_from_its_first_message_on() -> None:
    marks = MemoryOffsets()
    deliveries = Deliveries(marks, alone=asyncio.Lock())
    for offset in (7, 8):
        await deliveries.meet(Message(offset))
    assert marks.held == {PLACE: Mark(7)}
    assert deliveries.earlier(Message(7)) == 0
