"""Past a record that the consumer cannot read: nothing that was read beside it is lost, and it goes on behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from shared.runtime.delivery.taking import Taking
from shared.runtime.records import Record

ONE, TWO, EMPTY = (TopicPartition("t", number) for number in range(3))


@dataclass
class Consumer:
    """aiokafka's, as it is when a record cannot be read: it has gone past what it had read of that partition and of
    those before, and gives none of it. `ends`: of each partition; `committed_at`: where a group stands."""

    ends: Mapping[TopicPartition, int]
    unreadable: set[tuple[TopicPartition, int]]
    committed_at: dict[TopicPartition, int] = field(default_factory=dict)
    at: dict[TopicPartition, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.at = dict.fromkeys(self.ends, 0) | self.committed_at

    def assignment(self) -> set[TopicPartition]:
        return set(self.ends)

    def highwater(self, place: TopicPartition) -> int | None:
        return self.ends[place] or None

    async def committed(self, place: TopicPartition) -> int | None:
        return self.committed_at.get(place)

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 0)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.at[place] = offset

    async def getmany(
        self, *places: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Record]]:
        given: dict[TopicPartition, list[Record]] = {}
        for place in places or sorted(self.ends):
            while self.at[place] < self.ends[place] and sum(map(len, given.values())) < max_records:
                if (place, self.at[place]) in self.unreadable:
                    raise UnicodeDecodeError("utf-8", b"gr\xf6s", 2, 3, "invalid continuation byte")
                given.setdefault(place, []).append(record(place, self.at[place]))
                self.at[place] += 1
        return given


def record(place: TopicPartition, offset: int) -> Record:
    made: Record = ConsumerRecord(place.topic, place.partition, offset, 0, 0, None, b"{}", None, -1, 2, ())
    return made


@pytest.mark.parametrize("commits", [True, False])
@pytest.mark.parametrize("most", [1, 3, 500])
async def test_all_but_what_cannot_be_read_is_given_once_and_in_order(most: int, commits: bool) -> None:
    unreadable = {(ONE, 0), (TWO, 7), (TWO, 8), (TWO, 19)}
    consumer = Consumer({ONE: 5, TWO: 20, EMPTY: 0}, unreadable, {TWO: 2} if commits else {})
    passed, given = list[tuple[TopicPartition, int]](), list[tuple[TopicPartition, int]]()

    async def pass_over(one: Record) -> None:
        passed.append((TopicPartition(one.topic, one.partition), one.offset))

    taking = Taking(pass_over, commits=commits)
    for _ in range(60):
        given += [(TopicPartition(one.topic, one.partition), one.offset) for one in await taking.take(consumer, most)]
    for place, first, end in ((ONE, 0, 5), (TWO, 2 if commits else 0, 20)):
        readable = [offset for offset in range(first, end) if (place, offset) not in unreadable]
        assert [offset for where, offset in given if where == place] == readable
    assert sorted(passed) == sorted(unreadable)


async def test_it_begins_again_where_the_consumer_was_told_to_go_back_to_or_where_its_group_is() -> None:
    async def pass_over(one: Record) -> None:
        assert one.offset == 3

    consumer = Consumer({ONE: 9}, set(), {ONE: 0})
    taking = Taking(pass_over, commits=True)
    assert [one.offset for one in await taking.take(consumer, 3)] == [0, 1, 2]
    taking.goes_back(ONE, 1)
    consumer.at[ONE], consumer.unreadable = 1, {(ONE, 3)}
    assert [one.offset for one in await taking.take(consumer, 3)] == [1]
    taking.forget()
    consumer.committed_at[ONE] = 2
    consumer.at[ONE] = 2
    assert [one.offset for _ in range(3) for one in await taking.take(consumer, 3)] == [2, 4, 5, 6]
