"""Records as a consumer gives them, and past those that it cannot read.

aiokafka takes names of headers for UTF-8. Clients in C and all that stand on them send whatever they are given, and
Kafka keeps it: aiokafka stops at such a record for ever, and loses sight of what it had read beside it.
"""

from collections.abc import Awaitable, Callable
from math import ceil

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition  # type: ignore[import-untyped]

from shared.runtime.records import Record

log = structlog.get_logger(__name__)

POLL_MS = 1000

Found = dict[TopicPartition, list[Record]]


class Taking:
    """What one consumer has given so far. `pass_over` is told of each record that cannot be read, by its place.

    `commits`: the consumer is one of a group.
    """

    def __init__(self, pass_over: Callable[[Record], Awaitable[None]], *, commits: bool) -> None:
        self._pass_over, self._commits = pass_over, commits
        self._nexts: dict[TopicPartition, int] = {}

    async def take(
        self, consumer: AIOKafkaConsumer, most: int | None, *, within_s: float = float("inf")
    ) -> tuple[Record, ...]:
        """At most so many of the next records, those of a partition in their order; none when there are none yet."""
        try:
            found: Found = await consumer.getmany(timeout_ms=ceil(min(POLL_MS, 1000 * within_s)), max_records=most)
        except UnicodeDecodeError:
            found = await self._anew(consumer, most)
        for place, some in found.items():
            self._nexts[place] = some[-1].offset + 1
        return tuple([record for some in found.values() for record in some])

    def goes_back(self, place: TopicPartition, offset: int) -> None:
        """The consumer was told to read a partition from here again."""
        self._nexts[place] = offset

    def forget(self) -> None:
        """The partitions are handed over, or come anew."""
        self._nexts.clear()

    async def _anew(self, consumer: AIOKafkaConsumer, most: int | None) -> Found:
        """What was lost sight of, a partition after the other."""
        found: Found = {}
        for place in sorted(consumer.assignment()):
            start = await self._start(consumer, place)
            if start < (consumer.highwater(place) or 0):
                found |= await self._up_to_it(consumer, place, start, most or 1)
        return found

    async def _start(self, consumer: AIOKafkaConsumer, place: TopicPartition) -> int:
        """Where a partition was read to; after its assignment that is what is committed, or its beginning."""
        if place in self._nexts:
            return self._nexts[place]
        committed = await consumer.committed(place) if self._commits else None
        return int((await consumer.beginning_offsets([place]))[place] if committed is None else committed)

    async def _up_to_it(self, consumer: AIOKafkaConsumer, place: TopicPartition, start: int, most: int) -> Found:
        """What lies before a record that cannot be read: ever fewer, until the next one is that record itself."""
        while True:
            consumer.seek(place, start)
            try:
                found: Found = await consumer.getmany(place, timeout_ms=POLL_MS, max_records=most)
            except UnicodeDecodeError:
                if most > 1:
                    most //= 2
                    continue
                log.error("a record cannot be read", topic=place.topic, partition=place.partition, offset=start)
                await self._pass_over(_nothing_of(place, start))
                self._nexts[place] = start + 1
                consumer.seek(place, start + 1)
                return {}
            return found


def _nothing_of(place: TopicPartition, offset: int) -> Record:
    record: Record = ConsumerRecord(place.topic, place.partition, offset, 0, 0, None, None, None, -1, -1, ())
    return record
