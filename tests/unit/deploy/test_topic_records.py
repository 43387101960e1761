"""A topic is read from its beginning to where it ends now, and half of it is not all of it."""

from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from kafka import TopicPartition
from kafka.record import MemoryRecords

from deploy import topic_records
from shared.contracts.errors import DependencyDown, NotKnown
from tests.fakes.topic_consumer import TopicConsumer

LYING = {TopicPartition("a", 0): (4, 5, 9), TopicPartition("a", 1): (), TopicPartition("b", 0): (0,)}


def read(consumer: TopicConsumer, *topics: str, patience_s: float = 60.0) -> list[tuple[str, int, int]]:
    reading: Any = consumer
    found = topic_records.records(reading, topics, patience_s=patience_s)
    return [(one.topic, one.partition, one.offset) for one in found]


def test_all_that_lies_there_is_read_and_nothing_that_is_said_meanwhile() -> None:
    assert sorted(read(TopicConsumer(LYING), "a", "b")) == [("a", 0, 4), ("a", 0, 5), ("a", 0, 9), ("b", 0, 0)]


def test_records_that_are_slow_to_come_are_waited_for() -> None:
    assert len(read(TopicConsumer(LYING, pauses=3), "a")) == 3


def test_a_kafka_that_falls_silent_before_the_end_is_told() -> None:
    with pytest.raises(DependencyDown, match=r"no more of a in 0 s: does Kafka answer\?"):
        read(TopicConsumer(LYING, silent_at=9), "a", patience_s=0.0)


def test_a_place_that_kafka_does_not_say_in_time_is_waited_for_within_patience() -> None:
    assert len(read(TopicConsumer(LYING, unplaced=3), "a")) == 3
    with pytest.raises(DependencyDown, match="no more of a"):
        read(TopicConsumer(LYING, unplaced=1_000_000), "a", patience_s=0.0)


def test_a_reader_that_takes_its_time_is_not_kafkas_silence() -> None:
    reading: Any = TopicConsumer(LYING)
    moments = [0.0]
    found = topic_records.records(reading, ["a"], patience_s=60.0, clock=lambda: moments[-1])
    read_so_far = 0
    for _ in found:
        read_so_far += 1
        moments.append(moments[-1] + 61)
    assert read_so_far == 3


def test_a_topic_that_is_not_there_is_told_with_what_makes_it() -> None:
    with pytest.raises(NotKnown, match=r"no topic c: python -m deploy\.provision"):
        read(TopicConsumer(LYING), "b", "c")


@pytest.mark.parametrize("codec", [1, 2, 3, 4], ids=["gzip", "snappy", "lz4", "zstd"])
def test_what_a_platform_compresses_is_read_however_it_does(codec: int) -> None:
    batch = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 100_000)
    for offset in range(9):
        batch.append(offset, 0, b"mug", b"what a platform says of it", [])
    read = MemoryRecords(bytes(batch.build())).next_batch()
    assert [record.value for record in read] == [b"what a platform says of it"] * 9
