"""Where a listener begins, while others go on speaking."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from kafka import TopicPartition

from backdrop.client import go_back

PLACE = TopicPartition("said.v1", 0)
T = TypeVar("T")


class Spot(NamedTuple):
    offset: int


@dataclass
class BusyConsumer:
    """One partition with messages of these times (ms); somebody speaks once, right after the first look at it."""

    times: list[int]
    spoken: int
    sought: dict[TopicPartition, int] = field(default_factory=dict)
    looks: int = 0

    def topics(self) -> set[str]:
        return {"said.v1"}

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0}

    def assign(self, places: Iterable[TopicPartition]) -> None:
        assert list(places) == [PLACE]

    def end_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return self._looked(lambda: {place: len(self.times) for place in places})

    def offsets_for_times(self, asked: Mapping[TopicPartition, int]) -> dict[TopicPartition, Spot | None]:
        return self._looked(lambda: {place: self._first(since) for place, since in asked.items()})

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.sought[place] = offset

    def _first(self, since: int) -> Spot | None:
        return next((Spot(offset) for offset, time in enumerate(self.times) if time >= since), None)

    def _looked(self, look: Callable[[], T]) -> T:
        seen = look()
        if self.looks == 0:
            self.times.append(self.spoken)
        self.looks += 1
        return seen


def test_what_is_said_while_a_listener_looks_for_its_place_is_heard() -> None:
    consumer = BusyConsumer(times=[1_000, 2_000, 3_000], spoken=10_000)
    go_back(consumer, ["said.v1"], datetime.fromtimestamp(9, UTC))
    assert consumer.sought == {PLACE: 3}


def test_what_was_said_since_is_heard_from_its_first_message_on() -> None:
    consumer = BusyConsumer(times=[1_000, 2_000, 3_000], spoken=10_000)
    go_back(consumer, ["said.v1"], datetime.fromtimestamp(2, UTC))
    assert consumer.sought == {PLACE: 1}
