"""aiokafka's producer, as far as the outbox knows it: it keeps what it takes, at once or when it is told to."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from shared.runtime.broker import MAX_BATCH_BYTES, Broker


@dataclass
class Taken:
    """One record, and with how many others it came; alone it came with its partition, or left that to Kafka."""

    topic: str
    key: bytes
    headers: Any
    partition: int | None
    together: int = 0


@dataclass
class KafkaProducer:
    """`refusals`: what it raises next. With `opened` each batch, and each record alone, waits for its turn there.

    `confirmations`: of batches and records in their order, there at once unless it is `slow`.
    """

    taken: list[Taken] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)
    opened: asyncio.Semaphore | None = None
    slow: bool = False
    confirmations: list["asyncio.Future[str]"] = field(default_factory=list)
    partitions: int = 1
    batch_bytes: int = MAX_BATCH_BYTES
    unknown: str | None = None

    @property
    def topics(self) -> list[str]:
        """Of all that it took."""
        return [one.topic for one in self.taken]

    async def partitions_for(self, topic: str) -> set[int]:
        """Numbered from 0, after a while, as Kafka is asked for a new topic's. Raises for the one that is `unknown`."""
        for _ in range(10):
            await asyncio.sleep(0)
        if topic == self.unknown:
            raise UnknownTopicOrPartitionError(topic)
        return set(range(self.partitions))

    def create_batch(self) -> BatchBuilder:
        """aiokafka's own."""
        return BatchBuilder(self.batch_bytes, compression_type=0)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> "asyncio.Future[str]":
        """What is in it, as Kafka reads it."""
        records = list(MemoryRecords(bytes(batch._build())).next_batch())
        return await self._take(*(Taken(topic, one.key, one.headers, partition, len(records)) for one in records))

    async def send(
        self, topic: str, body: bytes, key: bytes, partition: int | None = None, *, headers: Any
    ) -> "asyncio.Future[str]":
        """One by itself."""
        return await self._take(Taken(topic, key, headers, partition))

    async def _take(self, *records: Taken) -> "asyncio.Future[str]":
        await asyncio.sleep(0)
        if self.opened is not None:
            await self.opened.acquire()
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken += records
        self.confirmations.append(asyncio.get_running_loop().create_future())
        if not self.slow:
            self.confirmations[-1].set_result(records[0].topic)
        return self.confirmations[-1]


def publishes_through(broker: Broker, producer: KafkaProducer) -> None:
    """Put it where FastStream has aiokafka's."""
    broker.config.broker_config.producer = SimpleNamespace(_producer=SimpleNamespace(producer=producer))  # type: ignore[assignment]
