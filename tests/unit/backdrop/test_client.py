"""Where a listener begins, while others go on speaking."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import NamedTuple, TypeVar

from kafka import TopicPartition
from kafka.errors import KafkaConnectionError, UnsupportedCodecError

from backdrop.client import go_back, heard, trouble

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


@dataclass
class SlowConsumer:
    """Two messages, of which each comes after a look that brings nothing."""

    place: int = 0
    looks: int = 0

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[SimpleNamespace]]:
        self.looks += 1
        if self.looks % 2 or self.place == 2:
            return {}
        self.place += 1
        return {PLACE: [SimpleNamespace(topic="said.v1", value=b"%d" % self.place, headers=None, timestamp=0)]}

    def position(self, place: TopicPartition) -> int:
        return self.place


def test_a_pause_before_the_end_that_is_known_is_no_end() -> None:
    said = heard(SlowConsumer(), {PLACE: 2}, patience_s=600)
    assert [one and one.value for one in (next(said) for _ in range(3))] == [b"1", b"2", None]


def test_an_end_that_never_comes_is_not_waited_for() -> None:
    assert next(heard(SlowConsumer(), {PLACE: 3}, patience_s=-1)) is None


def test_what_is_compressed_as_nobody_here_can_read_is_no_kafka_that_is_away() -> None:
    missing = trouble(UnsupportedCodecError("Libraries for lz4 compression codec not found"), "kafka:9092")
    assert missing.reason == "codec_missing" and "pip install 'backdrop[operator]'" in missing.message
    assert trouble(KafkaConnectionError(), "kafka:9092").reason == "kafka_down"
