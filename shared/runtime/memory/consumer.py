"""One reader of a log in memory, with what a lane asks of aiokafka's consumer."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable

from aiokafka import TopicPartition  # type: ignore[import-untyped]

from shared.runtime.records import Record


class MemoryConsumer:
    """Gives what it hears in the order in which it came. What it gave last is in hand until it is asked again.

    `asked` is called then.
    """

    def __init__(self, hears: Callable[[str], bool], earlier: Iterable[Record], asked: Callable[[], None]) -> None:
        self.hears, self._asked = hears, asked
        self.unread = deque(earlier)
        self._in_hand: list[Record] = []
        self._paused: set[TopicPartition] = set()
        self._came = asyncio.Event()

    @property
    def is_done(self) -> bool:
        """Whether nothing is unread or in hand."""
        return not self.unread and not self._in_hand

    def hear(self, record: Record) -> None:
        """One more, behind all others."""
        self.unread.append(record)
        self._came.set()

    async def getmany(self, *, timeout_ms: int, max_records: int | None) -> dict[TopicPartition, list[Record]]:
        """At most so many of the next records by their partitions, paused ones left out; none after the time."""
        self._in_hand.clear()
        self._asked()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_ms / 1000):
                while all(_place(record) in self._paused for record in self.unread):
                    self._came.clear()
                    await self._came.wait()
        found: dict[TopicPartition, list[Record]] = {}
        self._take(max_records)
        for record in self._in_hand:
            found.setdefault(_place(record), []).append(record)
        return found

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Give again what it gave last of a partition, from here on."""
        given, self._in_hand = self._in_hand, []
        back = list[Record]()
        for record in given:
            (back if _place(record) == place and record.offset >= offset else self._in_hand).append(record)
        self.unread.extendleft(reversed(back))

    def pause(self, place: TopicPartition) -> None:
        """Give nothing of a partition."""
        self._paused.add(place)

    def resume(self, place: TopicPartition) -> None:
        """Give of it again."""
        self._paused.remove(place)

    def _take(self, most: int | None) -> None:
        """As many into the hand; those of paused partitions stay where they were."""
        left = list[Record]()
        while self.unread and (most is None or len(self._in_hand) < most):
            record = self.unread.popleft()
            (left if _place(record) in self._paused else self._in_hand).append(record)
        self.unread.extendleft(reversed(left))


def _place(record: Record) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
