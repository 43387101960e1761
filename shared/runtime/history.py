"""All that topics hold now, from the beginning to where they end when one asks: no group, nothing committed."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]
from faststream.kafka.security import parse_security

from shared.contracts.errors import DependencyDown, NotKnown
from shared.runtime.broker import security_of
from shared.runtime.delivery.taking import POLL_MS, Taking
from shared.runtime.records import Record
from shared.runtime.settings import KafkaSettings

QUIET_MS = 30_000
AT_ONCE = 1000  # records


async def history(
    settings: KafkaSettings, topics: Iterable[str], *, service: str, behind: Iterable[Any] = ()
) -> list[Any]:
    """Every record of these topics, in order within a partition; of those partitions that `behind` has records of,
    what came after them. Raises DependencyDown, NotKnown for no topic.
    """
    wanted = tuple(topics)
    try:
        async with _consumer(settings, service) as asking:
            missing = sorted(set(wanted) - set(await asking.topics()))
        if missing:
            raise NotKnown("topics_missing", f"Kafka has no topic {missing[0]}: python -m deploy.provision")
        async with _consumer(settings, service, *wanted) as reading:
            return await _read(reading, behind)
    except KafkaError as error:
        raise DependencyDown("kafka_down", f"Kafka does not answer: {error!r}") from error


@asynccontextmanager
async def _consumer(settings: KafkaSettings, service: str, *topics: str) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=settings.bootstrap_servers,
        client_id=f"backdrop-{service}-history",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=settings.request_timeout_ms,
        **parse_security(security_of(settings)),
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _read(consumer: Any, behind: Iterable[Any]) -> list[Any]:
    places = sorted(consumer.assignment())  # without a group: every partition of every topic
    starts = {TopicPartition(one.topic, one.partition): one.offset + 1 for one in behind}
    taking = Taking(_passed, commits=False)
    for place, offset in starts.items():
        consumer.seek(place, offset)
        taking.goes_back(place, offset)
    ends = await consumer.end_offsets(places)
    found, quiet_ms = list[Any](), 0
    while any([await consumer.position(place) < ends[place] for place in places]):
        some = await taking.take(consumer, AT_ONCE)
        quiet_ms = 0 if some else quiet_ms + POLL_MS
        if quiet_ms >= QUIET_MS:
            raise DependencyDown("kafka_down", f"Kafka went silent for {QUIET_MS / 1000:.0f} s")
        found += [one for one in some if one.offset < ends[TopicPartition(one.topic, one.partition)]]
    return found


async def _passed(record: Record) -> None:
    """What cannot be read is no part of it; whoever handles the topic has buried it."""
