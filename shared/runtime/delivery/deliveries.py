"""Counts deliveries across restarts, so that a message which kills its worker does not do so for ever.

Every commit carries a mark in its metadata: "a reader holds this partition". A reader that ends in order (a stop, a
rebalance) takes it off. Who finds it on a partition knows that its predecessor ended without a word, and that what it
had in hand is among the next messages. These suspects are handled one at a time in the whole process, each named in a
mark of its own before its handler starts: if the worker ends again, it was that one, and the next reader buries it.

So the marks cost nothing while nobody dies (they travel with commits that are made anyway), one round trip when a
partition is first read after its assignment, and one per suspect after a death.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog
from aiokafka import TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from shared.contracts.errors import Permanent
from shared.runtime.records import Record, count_in

log = structlog.get_logger(__name__)

SUSPECTS = 1000
WORD = "in-hand"


class KilledItsWorker(Permanent):
    """A message that was in hand too often when its worker ended without a word."""


@dataclass(frozen=True)
class Mark:
    """From `offset` on messages are in hand, the one at `offset` for the `deliveries`-th time."""

    offset: int
    deliveries: int = 1

    def __str__(self) -> str:
        return f"{WORD} {self.offset} {self.deliveries}"

    @classmethod
    def read(cls, metadata: str | None) -> "Mark | None":
        """The mark in a commit's metadata; None when its reader ended in order, or when it is somebody else's text."""
        match (metadata or "").split(" "):
            case [word, offset, deliveries] if word == WORD and offset.isascii() and offset.isdigit():
                return cls(int(offset), count_in(deliveries)) if count_in(deliveries) else None
            case _:
                return None


class Marks(Protocol):
    """Where marks outlive a process: beside the committed offsets of one consumer."""

    async def left(self, place: TopicPartition) -> Mark | None:
        """What the last reader left behind; None when it ended in order. Raises KafkaError, TimeoutError."""
        ...

    async def mark(self, place: TopicPartition, mark: Mark) -> None:
        """Leave a mark without moving the offset; it is safe when this returns. Raises KafkaError, TimeoutError."""
        ...


@dataclass(frozen=True)
class Suspects:
    """The messages of a partition among which the killer of its last reader is."""

    left: Mark
    until: int

    def deliveries(self, offset: int) -> int:
        """How often the message at `offset` was, or may have been, in hand at such an end."""
        if offset >= self.until:
            return 0
        return self.left.deliveries if offset == self.left.offset else 1


class Deliveries:
    """What one consumer knows of earlier deliveries. `alone` is shared by all consumers of a process."""

    def __init__(self, marks: Marks, *, alone: asyncio.Lock) -> None:
        self._marks = marks
        self._alone = alone
        self._known: dict[tuple[str, int], Suspects | None] = {}

    def forget(self) -> None:
        """The partitions are handed over, or come anew."""
        self._known.clear()

    def knows(self, records: Iterable[Record]) -> bool:
        """Whether `meet` has nothing to learn of any of these."""
        return {(record.topic, record.partition) for record in records} <= self._known.keys()

    async def meet(self, record: Record) -> None:
        """Before anything of a partition is handled: learn how its last reader ended, and hold it from here on."""
        place = TopicPartition(record.topic, record.partition)
        if place in self._known:
            return
        left = await self._marks.left(place)
        if left is None:
            await self._marks.mark(place, Mark(record.offset))
        self._known[place] = None if left is None else Suspects(left, record.offset + SUSPECTS)

    def earlier(self, record: Record) -> int:
        """How often the message was in hand, or may have been, when a worker ended without a word."""
        suspects = self._known.get((record.topic, record.partition))
        return 0 if suspects is None else suspects.deliveries(record.offset)

    @asynccontextmanager
    async def in_hand(self, record: Record) -> AsyncIterator[None]:
        """While a handler has the message: a suspect is alone, and named."""
        if not (earlier := self.earlier(record)):
            yield
            return
        place = TopicPartition(record.topic, record.partition)
        async with self._alone:
            await self._mark(place, Mark(record.offset, earlier + 1))
            try:
                yield
            except Exception:  # it failed, and did not kill: while it waits for its next try it is no danger
                await self._mark(place, Mark(record.offset, earlier))
                raise

    async def _mark(self, place: TopicPartition, mark: Mark) -> None:
        """As well as it can: a partition that was taken away in between is somebody else's to count."""
        try:
            await self._marks.mark(place, mark)
        except (KafkaError, TimeoutError) as error:
            log.warning("a message is handled without its mark", error=repr(error))


def killed(times: int) -> KilledItsWorker:
    """The reason of a message that is given up without being tried again."""
    return KilledItsWorker(
        "killed_its_worker", f"was in hand {times} times when its worker ended without a word (killed, out of memory)"
    )
