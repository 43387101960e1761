"""A consumer of kafka-python over records in memory, as far as it is used to read topics to their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka import TopicPartition


@dataclass(frozen=True)
class Lying:
    """A record as a consumer gives it."""

    topic: str
    partition: int
    offset: int


@dataclass
class TopicConsumer:
    """`lying`: the offsets in each partition; `silent_at`: the offset from which on Kafka gives nothing more;
    `pauses`: polls without anything before one that has something, as on a busy machine; `unplaced`: how often a
    position is not known in time, and nothing comes.

    With every record that is read another is said, as on a topic that is in use.
    """

    lying: Mapping[TopicPartition, Sequence[int]]
    silent_at: int = 1_000_000
    pauses: int = 0
    unplaced: int = 0
    polls: int = 0
    at: dict[TopicPartition, int] = field(default_factory=dict)

    def partitions_for_topic(self, topic: str) -> set[int]:
        """Numbers; none for a topic that is not there."""
        return {place.partition for place in self.lying if place.topic == topic}

    def assign(self, places: Sequence[TopicPartition]) -> None:
        """Read these alone."""
        self.at = dict.fromkeys(places, 0)

    def seek_to_beginning(self, *places: TopicPartition) -> None:
        """Go to the oldest record that is still there."""
        self.at |= {place: min(self.lying[place], default=0) for place in places}

    def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Behind the newest record."""
        return {place: max(self.lying[place], default=-1) + 1 for place in places}

    def position(self, place: TopicPartition) -> int | None:
        """The offset that is read next; None where Kafka did not say it in time."""
        self.unplaced -= 1
        return None if self.unplaced >= 0 else self.at[place]

    def poll(self, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        """One old record and a new one of every partition that has one."""
        self.polls += 1
        if self.unplaced > 0 or self.polls % (self.pauses + 1):
            return {}
        found = {place: self._next(place) for place in self.at}
        return {place: records for place, records in found.items() if records}

    def _next(self, place: TopicPartition) -> list[Any]:
        left = [offset for offset in self.lying[place] if self.at[place] <= offset < self.silent_at][:1]
        if not left:
            return []
        self.at[place] = left[0] + 1
        new = max(self.lying[place]) + 1
        return [Lying(place.topic, place.partition, offset) for offset in (*left, new)]
