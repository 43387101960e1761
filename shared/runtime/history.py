"""All that topics hold now, from the beginning to where they end when one asks: no group, nothing committed."""

from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]
from faststream.kafka.security import parse_security

from shared.contracts.errors import DependencyDown, NotKnown
from shared.runtime.broker import security_of
from shared.runtime.settings import KafkaSettings

QUIET_MS = 30_000


async def history(settings: KafkaSettings, topics: Iterable[str], *, service: str) -> list[Any]:
    """Every record of these topics, in order within a partition. Raises DependencyDown, NotKnown for no topic."""
    security = parse_security(security_of(settings))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        client_id=f"backdrop-{service}-history",
        group_id=None,
        enable_auto_commit=False,
        request_timeout_ms=settings.request_timeout_ms,
        **security,
    )
    try:
        await consumer.start()
        return await _read(consumer, list(topics))
    except KafkaError as error:
        raise DependencyDown("kafka_down", f"Kafka does not answer: {error!r}") from error
    finally:
        await consumer.stop()


async def _read(consumer: Any, topics: list[str]) -> list[Any]:
    known = await consumer.topics()
    missing = sorted(set(topics) - set(known))
    if missing:
        raise NotKnown("topics_missing", f"Kafka has no topic {missing[0]}: python -m deploy.provision")
    places = [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic)]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends = await consumer.end_offsets(places)
    found: list[Any] = []
    while any([await consumer.position(place) < ends[place] for place in places]):
        batches = await consumer.getmany(timeout_ms=QUIET_MS)
        if not batches:
            raise DependencyDown("kafka_down", f"Kafka went silent for {QUIET_MS / 1000:.0f} s")
        found += [one for place, batch in batches.items() for one in batch if one.offset < ends[place]]
    return found
