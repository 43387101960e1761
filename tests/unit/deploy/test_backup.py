"""A copy of the topics on its way back: nothing is lost without a word, and groups go on where they were."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError
from kafka.future import Future

from deploy.backup import topics


class Refusing:
    """A producer that takes some records and gives up one; nobody is told unless they ask."""

    def __init__(self, *, gives_up: int) -> None:
        self.gives_up = gives_up
        self.taken: list[int] = []

    def send(self, topic: str, **said: Any) -> Future:
        self.taken.append(said["timestamp_ms"])
        future = Future()
        return future.failure(KafkaTimeoutError()) if len(self.taken) == self.gives_up else future.success(None)

    def flush(self) -> None:
        """All of them are decided already."""


def copy_of(folder: Path, *places: tuple[int, int]) -> Path:
    """A topic's file with records of these partitions and offsets, each said at the second of its offset."""
    file = folder / "topic.jsonl"
    rows = ([partition, offset, offset * 1000, "k", "v", []] for partition, offset in places)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_a_record_that_kafka_does_not_take_ends_a_restore(tmp_path: Path) -> None:
    producer: Any = Refusing(gives_up=2)
    with pytest.raises(KafkaTimeoutError):
        topics._publish(producer, "topic", copy_of(tmp_path, (0, 7), (0, 8), (0, 9)), defaultdict(list))
    assert producer.taken == [7000, 8000, 9000]


@pytest.mark.parametrize(("committed", "now"), [(0, 0), (7, 0), (8, 1), (12, 2), (13, 3), (99, 3)])
def test_a_group_goes_on_behind_every_record_that_lay_before_its_offset(
    tmp_path: Path, committed: int, now: int
) -> None:
    producer: Any = Refusing(gives_up=0)
    lay: topics.Lay = defaultdict(list)
    topics._publish(producer, "topic", copy_of(tmp_path, (0, 7), (1, 3), (0, 10), (0, 12)), lay)
    place, offset = topics._now_at(lay, "topic/0", committed)
    assert (place, offset.offset) == (TopicPartition("topic", 0), now)
    assert topics._now_at(lay, "unheard/0", committed)[1].offset == 0
