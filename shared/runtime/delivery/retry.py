"""Retries around every handler: it runs until it succeeds or its letter is written. Handlers catch nothing."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]
from faststream.exceptions import NackMessage

from shared.runtime import records
from shared.runtime.delivery.dead_letter import DeadLetters
from shared.runtime.delivery.deliveries import Deliveries, killed
from shared.runtime.delivery.dispositions import Action, Disposition, classify
from shared.runtime.in_hand import PendingPublishes
from shared.runtime.message import Message
from shared.runtime.records import Record

log = structlog.get_logger(__name__)

Call = Callable[[Message], Awaitable[None]]
"""A handler, with whatever it takes to call it."""

TRY_GROWTH = 4.0


class Offsets(Protocol):
    """Where a consumer notes what is handled."""

    async def finished(self, records: Sequence[Record], pending: PendingPublishes) -> None:
        """These records are handled; their offsets follow when what was published for them is confirmed."""
        ...


OffsetsT = TypeVar("OffsetsT", bound=Offsets, covariant=True)


@dataclass(frozen=True)
class Reader(Generic[OffsetsT]):
    """One consumer that commits: how far it has got, and what it knows of earlier deliveries."""

    offsets: OffsetsT
    deliveries: Deliveries


ReaderOf = Callable[[Any, str], Reader[Offsets] | None]


class Retries:
    """The patience of one consumer group: until a message is handled, or its letter is written."""

    def __init__(self, letters: DeadLetters, *, group: str) -> None:
        self.letters = letters
        self.group = group

    async def settled(self, call: Call, message: Message, deliveries: Deliveries | None) -> bool:
        """Whether it was handled at once; False: it went one by one, letters were written, or it is not for this group.

        Raises NackMessage when the service is told to stop meanwhile: then nothing is committed.
        """
        if deliveries is not None and not deliveries.knows(message.records):
            await self._meet(message, deliveries)
        if len(message.records) == 1 and not message.road.waits:
            return await self._one(call, message, deliveries)
        mine = [at for at, record in enumerate(message.records) if records.is_for(self.group, record)]
        if not mine:
            self._count(message, "skipped")
            return False
        if len(message.records) == 1:
            return await self._one(call, message, deliveries)
        return await self._batch(call, message, mine, deliveries)

    async def refused(self, given_up: Sequence[Record], error: Exception) -> None:
        """An answer can never be published: its message is given up although its handler is done."""
        for record in given_up:
            await self.letters.give_up(record, classify(error), error, group=self.group, tries=1)

    async def _meet(self, message: Message, deliveries: Deliveries) -> None:
        try:
            for record in message.records:
                await deliveries.meet(record)
        except (KafkaError, TimeoutError) as error:  # a rebalance in between; asked again with the next message
            log.warning("does not know how the last reader ended", error=repr(error))

    async def _one(self, call: Call, message: Message, deliveries: Deliveries | None) -> bool:
        record, tries, waits = message.records[0], 0, 0
        suspected = _earlier(record, deliveries)
        if suspected and await self._buried_killer(record, suspected):
            return False
        while True:
            try:
                if not suspected or deliveries is None:
                    await call(message)
                    return True
                async with deliveries.in_hand(record):
                    await call(message)
                    return True
            except NackMessage:
                raise
            except Exception as error:
                disposition = classify(error)
                if disposition.action is Action.WAIT:
                    await self.letters.wait(disposition, waits)
                    waits += 1
                    continue
                tries += 1
                if self._is_over(disposition, tries):
                    await self.letters.give_up(record, disposition, error, group=self.group, tries=tries)
                    return False
                await self._before_next_try(message, disposition, tries)

    async def _batch(self, call: Call, message: Message, mine: list[int], deliveries: Deliveries | None) -> bool:
        """All at once; when that fails, one by one, so that one bad record does not hold back its neighbours."""
        whole = len(mine) == len(message.records)
        if whole and not any(_earlier(record, deliveries) for record in message.records):
            try:
                await call(message)
            except NackMessage:
                raise
            except Exception as error:
                log.info("a batch failed, goes on one by one", records=len(mine), error=repr(error))
            else:
                return True
        for at in mine:
            single = message.alone(at)
            if await self._one(call, single, deliveries):
                self._count(single, "done")  # by itself: of the batch as a whole one cannot say it
        return False

    async def _buried_killer(self, record: Record, times: int) -> bool:
        """What was in hand too often when a worker died is not tried again."""
        if times < self.letters.settings.max_kills:
            return False
        error = killed(times)
        await self.letters.give_up(record, classify(error), error, group=self.group, tries=times)
        return True

    def _is_over(self, disposition: Disposition, tries: int) -> bool:
        """No more tries in place: they would not help, are spent, or would hold up the neighbours for nothing."""
        if disposition.action is Action.LATER and self.letters.delays_s(disposition):
            return True
        return disposition.action is Action.DEAD or tries >= self.letters.settings.tries

    def seconds_to_wait(self, record: Record) -> float:
        """How long a record of a retry topic must still wait; no time where it is another group's."""
        if not records.is_for(self.group, record):
            return 0.0
        longest_s = max((0.0, *self.letters.settings.waits_s))
        return records.seconds_to_wait(records.headers_of(record), longest_s=longest_s)

    async def _before_next_try(self, message: Message, disposition: Disposition, tries: int) -> None:
        self.letters.metrics.tries.labels(self.letters.service, message.road.topic, disposition.reason).inc()
        delay = self.letters.settings.try_delay_s * TRY_GROWTH ** (tries - 1)
        log.info("tries again", reason=disposition.reason, detail=disposition.detail, after_s=round(delay, 1))
        await self.letters.health.pause(delay * random.uniform(0.5, 1.0))

    def _count(self, message: Message, outcome: str) -> None:
        self.letters.metrics.messages.labels(self.letters.service, message.road.topic, outcome).inc()


def _earlier(record: Record, deliveries: Deliveries | None) -> int:
    return 0 if deliveries is None else deliveries.earlier(record)
