"""What topics hold now, from the beginning to where they end when one asks: no group, nothing committed."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from deploy import topics_admin
from shared.contracts.errors import DependencyDown, NotKnown
from shared.runtime.settings import KafkaSettings

POLL_MS, PATIENCE_S = 500, 60.0


@contextlib.contextmanager
def reader(settings: KafkaSettings) -> Iterator[KafkaConsumer]:
    """What `records` reads with. Raises KafkaError when Kafka does not answer."""
    with contextlib.closing(
        KafkaConsumer(
            group_id=None, enable_auto_commit=False, auto_offset_reset="earliest", **topics_admin.access(settings)
        )
    ) as consumer:
        yield consumer


def records(
    consumer: KafkaConsumer,
    topics: Iterable[str],
    *,
    patience_s: float = PATIENCE_S,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Any]:
    """Every record that lies in these topics now, oldest first within a partition.

    Raises NotKnown for no topic, and DependencyDown when Kafka falls silent before the last record: half of them are
    not all of them.
    """
    places = [place for topic in topics for place in _partitions(consumer, topic)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    yield from _until(consumer, consumer.end_offsets(places), patience_s, clock)


def _partitions(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise NotKnown("topics_missing", f"Kafka has no topic {topic}: python -m deploy.provision")
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def _until(
    consumer: KafkaConsumer, ends: Mapping[TopicPartition, int], patience_s: float, clock: Callable[[], float]
) -> Iterator[Any]:
    """Every record before these offsets. The time that its reader takes for them is none of Kafka's."""
    heard_at = clock()
    while unread := [place for place, end in ends.items() if _is_before(end, consumer.position(place))]:
        for place, found in consumer.poll(timeout_ms=POLL_MS).items():
            yield from (one for one in found if one.offset < ends[place])
            heard_at = clock()
        if clock() - heard_at > patience_s:
            words = f"no more of {unread[0].topic} in {patience_s:.0f} s: does Kafka answer? (make status)"
            raise DependencyDown("kafka_down", words)


def _is_before(end: int, position: int | None) -> bool:
    """None, which Kafka did not say in time, may be anywhere."""
    return position is None or position < end
