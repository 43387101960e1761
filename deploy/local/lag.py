"""How far each stage is behind, as Kafka itself counts it."""

from dataclasses import dataclass

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec

PATIENCE_MS = 10_000


@dataclass(frozen=True, order=True)
class Lag:
    """Messages of one topic that one consumer group has not finished."""

    group: str
    topic: str
    messages: int


def lags(bootstrap_servers: str) -> list[Lag]:
    """Of every consumer group and topic. Raises KafkaError when Kafka does not answer."""
    admin = _admin(bootstrap_servers)
    try:
        return _lags(admin)
    finally:
        admin.close()


def _admin(bootstrap_servers: str) -> KafkaAdminClient:
    """A client that asks for ten seconds at most. Raises KafkaError."""
    return KafkaAdminClient(
        bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=PATIENCE_MS, request_timeout_ms=PATIENCE_MS
    )


def _lags(admin: KafkaAdminClient) -> list[Lag]:
    groups = [group["group_id"] for group in admin.list_groups()]
    committed = admin.list_group_offsets(groups) if groups else {}
    partitions = {place for offsets in committed.values() for place in offsets}
    ends = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST)) if partitions else {}
    found: dict[tuple[str, str], int] = {}
    for group, offsets in committed.items():
        for place, done in offsets.items():
            behind = max(ends[place].offset - max(done.offset, 0), 0)
            found[group, place.topic] = found.get((group, place.topic), 0) + behind
    return sorted(Lag(group, topic, messages) for (group, topic), messages in found.items())


def dead_letters(bootstrap_servers: str) -> dict[str, int]:
    """Messages that lie on each dead-letter topic. Raises KafkaError when Kafka does not answer."""
    admin = _admin(bootstrap_servers)
    try:
        topics = [topic for topic in admin.list_topics() if topic.endswith(".dead")]
        places = [
            TopicPartition(one["name"], part["partition_index"])
            for one in (admin.describe_topics(topics) if topics else [])
            for part in one["partitions"]
        ]
        first = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST)) if places else {}
        last = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST)) if places else {}
    finally:
        admin.close()
    counts: dict[str, int] = {}
    for place in places:
        counts[place.topic] = counts.get(place.topic, 0) + last[place].offset - first[place].offset
    return {topic: count for topic, count in sorted(counts.items()) if count}
