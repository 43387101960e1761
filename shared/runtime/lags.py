"""How far consumer groups are behind, as Kafka counts it: for who looks at the whole stack from inside it."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]
from faststream.kafka.security import parse_security

from shared.contracts.errors import DependencyDown
from shared.runtime.broker import security_of
from shared.runtime.memory.log import MemoryLog
from shared.runtime.settings import KafkaSettings

PATIENCE_MS = 5_000

Lags = Mapping[tuple[str, str], int]
"""Messages not finished yet, by consumer group and topic."""


async def lags(settings: KafkaSettings) -> Lags:
    """Of every consumer group. Raises DependencyDown."""
    options = {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": "backdrop-lags",
        "request_timeout_ms": PATIENCE_MS,
        **parse_security(security_of(settings)),
    }
    admin, consumer = AIOKafkaAdminClient(**options), AIOKafkaConsumer(**options)
    try:
        await admin.start()
        await consumer.start()
        groups = [group for group, *_ in await admin.list_consumer_groups()]
        done = {group: await admin.list_consumer_group_offsets(group) for group in groups}
        ends = await consumer.end_offsets({place for offsets in done.values() for place in offsets})
    except (KafkaError, OSError) as error:
        raise DependencyDown("kafka_down", f"Kafka does not say how far services are behind: {error!r}") from error
    finally:
        await consumer.stop()
        await admin.close()
    found: dict[tuple[str, str], int] = {}
    for group, offsets in done.items():
        for place, committed in offsets.items():
            behind = max(ends.get(place, 0) - max(committed.offset, 0), 0)
            found[group, place.topic] = found.get((group, place.topic), 0) + behind
    return found


def memory_lags(log: MemoryLog) -> Lags:
    """Of every group that has committed anything to a log in memory."""
    return {
        (group, topic): sum(record.topic == topic and not offsets.has(record) for record in log.records)
        for group, offsets in log.offsets.items()
        for topic in {place.topic for place in offsets.committed}
    }
