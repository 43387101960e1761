"""A copy of the topics on its way back: nothing is lost without a word, and groups go on where they were."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from deploy.backup import bucket, topics
from shared.contracts.errors import BadRequest
from shared.runtime.settings import KafkaSettings
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.refusing_producer import RefusingProducer


def copy_of(folder: Path, *places: tuple[int, int]) -> Path:
    """A topic's file with records of these partitions and offsets, each said at the second of its offset."""
    file = folder / "topic.jsonl"
    rows = ([partition, offset, offset * 1000, "k", "v", []] for partition, offset in places)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_a_record_that_kafka_does_not_take_ends_a_restore(tmp_path: Path) -> None:
    producer: Any = RefusingProducer(gives_up=2)
    with pytest.raises(KafkaTimeoutError):
        topics._publish(producer, "topic", copy_of(tmp_path, (0, 7), (0, 8), (0, 9)), defaultdict(list))
    assert producer.sent == 3


@pytest.mark.parametrize(("committed", "now"), [(0, 0), (7, 0), (8, 1), (12, 2), (13, 3), (99, 3)])
def test_a_group_goes_on_behind_every_record_that_lay_before_its_offset(
    tmp_path: Path, committed: int, now: int
) -> None:
    producer: Any = RefusingProducer()
    lay: topics.Lay = defaultdict(list)
    topics._publish(producer, "topic", copy_of(tmp_path, (0, 7), (1, 3), (0, 10), (0, 12)), lay)
    place, offset = topics._now_at(lay, "topic/0", committed)
    assert (place, offset.offset) == (TopicPartition("topic", 0), now)
    assert topics._now_at(lay, "unheard/0", committed)[1].offset == 0


def test_a_copy_that_lacks_a_topic_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    for name in topics.names()[1:]:
        (tmp_path / f"{name}.jsonl").touch()
    with pytest.raises(BadRequest, match=rf"nothing of {topics.names()[0]}: restore with the version"):
        topics.restore(KafkaSettings(), tmp_path)


def test_objects_come_back_as_they_were_and_a_damaged_one_not_at_all(tmp_path: Path) -> None:
    blobs, other = MemoryBlobs(), MemoryBlobs()
    blobs.put("images/a.png", b"picture", "image/png")
    assert (bucket.save(blobs, tmp_path), bucket.restore(other, tmp_path), bucket.restore(other, tmp_path)) == (1, 1, 0)
    assert other.find("images/a.png") == blobs.find("images/a.png")
    (tmp_path / "0").write_bytes(b"pict")
    with pytest.raises(BadRequest, match=r"is not what was saved of images/a\.png"):
        bucket.restore(MemoryBlobs(), tmp_path)
