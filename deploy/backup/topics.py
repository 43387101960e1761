"""What topics hold and how far consumer groups are with them, in files; and back into empty topics."""

import contextlib
import json
from bisect import bisect_left
from collections import defaultdict
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.structs import OffsetAndMetadata

from deploy import topic_records, topics_admin
from shared.contracts.errors import BadRequest
from shared.contracts.topics import TOPICS
from shared.runtime.settings import KafkaSettings

PROGRESS = "progress.json"
LATIN = "latin-1"  # every byte is one character of it, so bytes pass through JSON unchanged

Lay = dict[tuple[str, int], list[int]]
"""By topic and partition: at which offsets its records lay, in their order; now they lie at 0, 1, 2 …"""


def names() -> list[str]:
    """Every topic of the contract, its .retry and .dead."""
    return [name for topic in TOPICS for name in (topic.name, topic.retry, topic.dead)]


def save(settings: KafkaSettings, folder: Path) -> int:
    """Write progress first and records after it; how many records.

    So whatever is noted as done has been said among the records, and what was done meanwhile is done again. Raises
    KafkaError, and what a reader of topics raises.
    """
    with contextlib.closing(topics_admin.client(settings)) as admin:
        (folder / PROGRESS).write_text(json.dumps(_progress(admin)))
    count = 0
    with topic_records.reader(settings) as reader:
        for name in names():
            with (folder / f"{name}.jsonl").open("w") as file:
                for record in topic_records.records(reader, [name]):
                    file.write(json.dumps(_written(record)) + "\n")
                    count += 1
    return count


def restore(settings: KafkaSettings, folder: Path) -> int:
    """Publish every record again, each in its partition and order, and set groups to where they were; how many.

    Raises BadRequest when a topic is not empty: what is there would be said twice, or when the copy lacks one;
    KafkaError.
    """
    _check_whole(folder)
    with contextlib.closing(topics_admin.client(settings)) as admin:
        for name in names():
            if any(_ends(admin, name)):
                raise BadRequest(
                    "topic_not_empty", f"{name} is not empty: restore into a new Kafka, provisioned and unused"
                )
        lay: Lay = defaultdict(list)
        with contextlib.closing(KafkaProducer(acks="all", **topics_admin.access(settings))) as producer:
            for name in names():
                _publish(producer, name, folder / f"{name}.jsonl", lay)
        _set_progress(settings, json.loads((folder / PROGRESS).read_text()), lay)
    return sum(map(len, lay.values()))


def _check_whole(folder: Path) -> None:
    lacking = [name for name in names() if not (folder / f"{name}.jsonl").is_file()]
    if lacking:
        raise BadRequest(
            "copy_incomplete", f"{folder} has nothing of {', '.join(lacking)}: restore with the version that made it"
        )


def _progress(admin: KafkaAdminClient) -> dict[str, dict[str, int]]:
    groups = [group["group_id"] for group in admin.list_groups()]
    known = set(names())
    committed = admin.list_group_offsets(groups) if groups else {}
    return {
        group: {
            f"{place.topic}/{place.partition}": done.offset for place, done in offsets.items() if place.topic in known
        }
        for group, offsets in committed.items()
    }


def _ends(admin: KafkaAdminClient, topic: str) -> list[int]:
    """Where its partitions end; 0 where nothing was ever said."""
    (found,) = admin.describe_topics([topic])
    places = [TopicPartition(topic, part["partition_index"]) for part in found["partitions"]]
    return [one.offset for one in admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST)).values()]


def _written(record: Any) -> list[Any]:
    headers = [[name, _text(value)] for name, value in record.headers or ()]
    return [record.partition, record.offset, record.timestamp, _text(record.key), _text(record.value), headers]


def _publish(producer: KafkaProducer, topic: str, file: Path, lay: Lay) -> None:
    """Say a topic's records again, and note where they lay. Raises KafkaError when one of them was not taken."""
    sent = []
    with file.open() as lines:
        for line in lines:
            partition, offset, at, key, value, headers = json.loads(line)
            named = [(name, _bytes(one)) for name, one in headers]
            sent.append(producer.send(topic, _bytes(value), _bytes(key), named, partition, at))
            lay[topic, partition].append(offset)
    for confirmation in sent:
        confirmation.get()  # ends: the producer gives each up in time


def _set_progress(settings: KafkaSettings, progress: dict[str, dict[str, int]], lay: Lay) -> None:
    for group, offsets in progress.items():
        if offsets:
            _commit(settings, group, dict(_now_at(lay, place, done) for place, done in offsets.items()))


def _now_at(lay: Lay, place: str, done: int) -> tuple[TopicPartition, OffsetAndMetadata]:
    """Where a group goes on: behind every record that lay before its committed offset."""
    topic, partition = place.rsplit("/", 1)
    at = bisect_left(lay.get((topic, int(partition)), ()), done)
    return TopicPartition(topic, int(partition)), OffsetAndMetadata(at, "", -1)


def _commit(settings: KafkaSettings, group: str, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
    consumer = KafkaConsumer(group_id=group, enable_auto_commit=False, **topics_admin.access(settings))
    with contextlib.closing(consumer):
        consumer.assign(list(offsets))
        consumer.commit(offsets)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(LATIN)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode(LATIN)
