"""What Kafka keeps, in memory: every message, and how far each consumer group has got with them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import TypeVar

from aiokafka import ConsumerRecord, TopicPartition  # type: ignore[import-untyped]

from shared.contracts.events import Event
from shared.runtime.delivery.deliveries import Mark
from shared.runtime.in_hand import PendingPublishes
from shared.runtime.memory.consumer import MemoryConsumer
from shared.runtime.memory.journal import Journal, JournalContents, JournalEntry
from shared.runtime.records import Headers, Record

E = TypeVar("E", bound=Event)


class MemoryLog:
    """Every message that was published, and those who listen; with a journal, the messages of earlier runs.

    Offsets number the records of a topic, whatever partition they are in.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self.records: list[Record] = []
        self._consumers: list[MemoryConsumer] = []
        self._offsets: dict[str, Iterator[int]] = {}
        self.offsets: dict[str, MemoryOffsets] = {}
        self._all_done = asyncio.Event()
        self._look()
        if journal is not None:
            self._remember(journal.kept)

    def said(self, topic: str) -> list[Record]:
        """The records of one topic, oldest first."""
        return [record for record in self.records if record.topic == topic]

    def events(self, topic: str, kind: type[E]) -> list[E]:
        """The events of one topic, oldest first."""
        return [kind.model_validate_json(record.value or b"") for record in self.said(topic)]

    async def settled(self, timeout_s: float = 60.0) -> None:
        """Wait until every message was handled, those that wait for another try included. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            await self._all_done.wait()

    def listen(self, hears: Callable[[str], bool], *, earlier: Iterable[Record] = ()) -> MemoryConsumer:
        """A reader of every record from now on whose topic is heard, behind the earlier ones that are given."""
        consumer = MemoryConsumer(hears, earlier, self._look)
        self._consumers.append(consumer)
        self._look()
        return consumer

    def leave(self, consumer: MemoryConsumer) -> None:
        """It reads no more."""
        self._consumers.remove(consumer)
        self._look()

    def read_by(self, group: str) -> "MemoryOffsets":
        """How far a consumer group has got."""
        if group not in self.offsets:
            self.offsets[group] = MemoryOffsets(None if self._journal is None else partial(self._journal.commit, group))
        return self.offsets[group]

    def append(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, *, partition: int = 0
    ) -> Record:
        """Keep a message and hand it to the listeners of its topic."""
        offset, at = next(self._offsets.setdefault(topic, count())), int(time.time() * 1000)
        entry = JournalEntry(topic, offset, at, key, value, headers, partition)
        if self._journal is not None:
            self._journal.append(entry)
        record = _record(entry)
        self.records.append(record)
        for consumer in self._consumers:
            if consumer.hears(topic):
                consumer.hear(record)
        self._look()
        return record

    def release(self) -> None:
        """All readers end in order."""
        for offsets in self.offsets.values():
            offsets.release()

    def _remember(self, kept: JournalContents) -> None:
        self.records = [_record(entry) for entry in kept.entries]
        self._offsets = {topic: count(offset) for topic, offset in kept.nexts.items()}
        for (group, place), done in kept.commits.items():
            self.read_by(group).committed[place] = done

    def _look(self) -> None:
        if all(consumer.is_done for consumer in self._consumers):
            self._all_done.set()
        else:
            self._all_done.clear()


class MemoryOffsets:
    """What Kafka keeps of one group: committed offsets, and the marks of its readers."""

    def __init__(self, on_commit: Callable[[TopicPartition, int], None] | None = None) -> None:
        self._on_commit = on_commit
        self.committed: dict[TopicPartition, int] = {}
        self.held: dict[TopicPartition, Mark] = {}

    async def finished(self, records: Sequence[Record], pending: PendingPublishes) -> None:
        """Commit at once: what was published is in the log already."""
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            self.committed[place] = record.offset + 1
            if self._on_commit is not None:
                self._on_commit(place, record.offset + 1)
            if place in self.held:
                self.held[place] = Mark(record.offset + 1)

    async def left(self, place: TopicPartition) -> Mark | None:
        """The mark of the last reader, unless it ended in order."""
        return self.held.get(place)

    async def mark(self, place: TopicPartition, mark: Mark) -> None:
        """Leave a mark."""
        self.held[place] = mark

    def has(self, record: Record) -> bool:
        """Whether a record is committed."""
        return record.offset < self.committed.get(TopicPartition(record.topic, record.partition), 0)

    def release(self) -> None:
        """Its readers end in order."""
        self.held.clear()


def _record(entry: JournalEntry) -> Record:
    record: Record = ConsumerRecord(
        topic=entry.topic,
        partition=entry.partition,
        offset=entry.offset,
        timestamp=entry.at,
        timestamp_type=0,
        key=entry.key,
        value=entry.value,
        checksum=None,
        serialized_key_size=len(entry.key or b""),
        serialized_value_size=len(entry.value or b""),
        headers=list(entry.headers),
    )
    return record
