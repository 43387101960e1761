"""Whose turn it is on a retry topic: a partition whose next record must still wait rests, and holds up no other.

Each wait has partitions of its own, as far as there are enough: within one who came first also goes first, and what
waits 2 s does not stand behind what waits 10 min.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from zlib import crc32

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import IllegalStateError  # type: ignore[import-untyped]

from shared.runtime.records import Record


class Turns:
    """Of one consumer of retry topics. `seconds_to_wait`: of a record, before it may be handled."""

    def __init__(self, seconds_to_wait: Callable[[Record], float], clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds_to_wait, self._clock = seconds_to_wait, clock
        self._until: dict[TopicPartition, float] = {}
        self._waited: dict[TopicPartition, int] = {}

    def go_on(self, consumer: AIOKafkaConsumer) -> None:
        """Read the partitions again that have rested long enough."""
        now = self._clock()
        for place in [place for place, until in self._until.items() if until <= now]:
            del self._until[place]
            try:
                consumer.resume(place)
            except IllegalStateError:  # somebody else's by now
                self._waited.pop(place, None)

    @property
    def seconds_to_next(self) -> float:
        """How long every partition that rests still does."""
        return max(0.0, min(self._until.values(), default=float("inf")) - self._clock())

    def come(
        self, consumer: AIOKafkaConsumer, taken: Sequence[Record]
    ) -> tuple[list[Record], dict[TopicPartition, int]]:
        """Those whose turn has come, and from where the partitions of the others are read when they have rested.

        A record that was waited for once is not waited for again, whatever clocks and headers say.
        """
        due, rests = list[Record](), dict[TopicPartition, int]()
        for record in taken:
            place = TopicPartition(record.topic, record.partition)
            if place in rests:
                continue
            has_waited = self._waited.get(place) == record.offset and place not in self._until
            wait_s = 0.0 if has_waited else self._seconds_to_wait(record)
            if wait_s > 0.0:
                rests[place] = record.offset
                self._rest(consumer, place, record.offset, wait_s)
            else:
                due.append(record)
        return due, rests

    def forget(self) -> None:
        """The partitions are handed over, or come anew: then none of them rests."""
        self._until.clear()
        self._waited.clear()

    def _rest(self, consumer: AIOKafkaConsumer, place: TopicPartition, offset: int, wait_s: float) -> None:
        try:
            consumer.seek(place, offset)
            consumer.pause(place)
        except IllegalStateError:  # whoever has it now reads from what is committed
            return
        self._until[place], self._waited[place] = self._clock() + wait_s, offset


def partition_of(key: bytes | None, wait_s: float, waits_s: Sequence[float], partitions: Sequence[int]) -> int:
    """The partition of a retry topic for a record that waits so long. `waits_s`: all that there are, ascending."""
    wait = min(bisect_left(waits_s, wait_s), len(waits_s) - 1)
    first, end = (number * len(partitions) // len(waits_s) for number in (wait, wait + 1))
    mine = partitions[first : max(end, first + 1)]
    return mine[crc32(key or b"") % len(mine)]
