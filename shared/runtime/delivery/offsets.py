"""Offsets follow answers: a message is committed when its handler is done and Kafka has confirmed what it published.

Waiting for each confirmation and each commit in turn is what makes a consumer slow. Here the next message is taken
while answers are on their way; as they are confirmed, in order, the offsets of their messages are committed, several
at a time. A crash in between redelivers, as everywhere: at least once, with effects that happen once.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import CommitFailedError, KafkaError, MessageSizeTooLargeError  # type: ignore[import-untyped]

from shared.runtime.delivery.deliveries import Mark
from shared.runtime.health import Health
from shared.runtime.in_hand import Answer, PendingPublishes
from shared.runtime.records import Record

log = structlog.get_logger(__name__)

COMMIT_EVERY_S = 0.1
YIELD_EVERY_S = 0.03
MOST_IN_FLIGHT = 1000
RESEND_AFTER_S = 1.0
REVOKE_S = 10.0
MARK_S = 10.0
SIZE_TRIES = 3


Handled = tuple[Sequence[Record], PendingPublishes]
"""A message, or a batch, whose handler is done, and its answers on their way."""


class OffsetCommitter:
    """How far one consumer has got."""

    def __init__(self, consumer: AIOKafkaConsumer, *, health: Health, on_failed_commit: Callable[[], None]) -> None:
        self._consumer = consumer
        self._health = health
        self._on_failed_commit = on_failed_commit
        self._handled: deque[Handled] = deque()
        self._done: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._marks: dict[TopicPartition, Mark] = {}
        self._committing = asyncio.Lock()
        self._yielded = 0.0
        self._wake = asyncio.Event()
        self._moved = asyncio.Condition()
        self._task = asyncio.create_task(self._run())

    async def finished(self, records: Sequence[Record], pending: PendingPublishes) -> None:
        """One message, or one batch, is handled; waits while too many answers are on their way."""
        self._handled.append((records, pending))
        self._wake.set()
        if time.perf_counter() - self._yielded > YIELD_EVERY_S:
            await self._yield()
        if len(self._handled) > MOST_IN_FLIGHT:
            async with self._moved:
                await self._moved.wait_for(lambda: len(self._handled) <= MOST_IN_FLIGHT)

    async def flush(self, timeout_s: float = REVOKE_S) -> None:
        """Wait for what is on its way and commit it; what takes too long stays uncommitted and is read again."""
        try:
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: not self._handled)
            await self._commit()
        except TimeoutError:
            log.warning("unconfirmed answers are left to a redelivery", messages=len(self._handled))

    async def left(self, place: TopicPartition) -> Mark | None:
        """The mark in the metadata of a partition's committed offset, as its last reader left it."""
        async with asyncio.timeout(MARK_S):  # `committed()` is the same call, but keeps the metadata to itself
            found = await self._consumer._coordinator.fetch_committed_offsets([place])
        if place not in found or found[place].offset < 0:
            return None
        self._committed[place] = found[place].offset
        return Mark.read(found[place].metadata)

    async def mark(self, place: TopicPartition, mark: Mark) -> None:
        """Write a mark beside the offset that is committed, or beside the mark's own where none is committed yet."""
        if place not in self._consumer.assignment() or (place not in self._committed and self._unsettled(place)):
            return
        self._marks[place] = mark
        async with asyncio.timeout(MARK_S):
            await self._write({place: self._committed.get(place, mark.offset)})

    async def release(self) -> None:
        """This reader ends in order: take the marks off, so that nobody takes its end for a death."""
        held = {place: offset for place, offset in self._committed.items() if place in self._marks}
        self._marks.clear()
        try:
            async with asyncio.timeout(MARK_S):
                if mine := self._mine(held):
                    await self._write(mine)
        except (KafkaError, TimeoutError) as error:
            log.warning("could not say that it ends in order", error=repr(error))
        self._committed.clear()

    async def close(self) -> None:
        """No more after this."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _yield(self) -> None:
        """The producer and the heartbeat need their turn too; at every message it would send each answer by itself."""
        await asyncio.sleep(0)
        self._yielded = time.perf_counter()

    async def _run(self) -> None:
        failures = 0
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._settle_for_a_while()
                await self._commit()
                failures = 0
            except Exception as error:  # whatever it is, offsets must go on following
                log.exception("offsets do not follow")
                failures = self._health.refused(failures, error)
                self._wake.set()
                await asyncio.sleep(RESEND_AFTER_S)

    async def _settle_for_a_while(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + COMMIT_EVERY_S
        while self._handled and loop.time() < until:
            await self._settle()
        if self._handled:
            self._wake.set()
        else:
            await asyncio.sleep(until - loop.time())

    async def _settle(self) -> None:
        """Wait for the answers to the first message; those behind it that came with them are settled too."""
        records, pending = self._handled[0]
        await self._all_confirmed(records, pending)
        settled = [*records]
        self._handled.popleft()
        while self._handled and all(map(_is_there, self._handled[0][1].sent)):
            settled += self._handled.popleft()[0]
        self._done.update(_nexts(settled))
        async with self._moved:
            self._moved.notify_all()

    async def _all_confirmed(self, records: Sequence[Record], pending: PendingPublishes) -> None:
        for answer in pending.sent:
            if _is_there(answer):
                continue
            try:
                await self._confirmed(answer)
            except MessageSizeTooLargeError as error:  # the topic takes less than the producer: it never will be
                log.error("an answer is too large for its topic", topic=answer.destination)
                if pending.refused is not None:
                    await pending.refused(records, error)

    async def _confirmed(self, answer: Answer) -> None:
        """Wait until Kafka has it, sending it again as often as needed: readers deduplicate on `ce_id`.

        After an error that is no outage, aiokafka's idempotent producer may be out of sequence until it is made anew
        (`OutOfOrderSequenceNumber` for ever): then `/live` asks for a new process, and nothing is committed until then.
        """
        confirmation: Awaitable[Any] = await answer.posted()
        refusals = too_large = 0
        while True:
            try:
                await confirmation
            except KafkaError as error:
                too_large += isinstance(error, MessageSizeTooLargeError)
                if too_large == SIZE_TRIES:  # not only the batch it happened to travel in
                    raise
                log.warning("an answer was not confirmed, sends it again", topic=answer.destination, error=repr(error))
                refusals = self._health.refused(refusals, error)
                with self._health.waiting("kafka_down"):
                    await asyncio.sleep(RESEND_AFTER_S)
                confirmation = _sent_again(answer)
            else:
                return

    async def _commit(self) -> None:
        done, self._done = self._done, {}
        mine = self._mine(done)
        if not mine:
            return
        try:
            await self._write(mine)
        except CommitFailedError as error:  # the partitions are somebody else's now, who reads them again
            self._on_failed_commit()
            log.warning("offsets were not committed", error=repr(error))
        except Exception as error:
            self._done = mine | self._done
            if not isinstance(error, KafkaError):
                raise
            self._on_failed_commit()
            log.warning("offsets are committed later", error=repr(error))
            self._wake.set()

    async def _write(self, offsets: dict[TopicPartition, int]) -> None:
        """Commit offsets, each with its mark; one commit at a time, so that none goes back behind another."""
        async with self._committing:
            newest = {place: max(offset, self._committed.get(place, 0)) for place, offset in offsets.items()}
            marked = {place: (offset, self._metadata(place, offset)) for place, offset in newest.items()}
            await self._consumer.commit(marked)
            self._committed |= newest

    def _metadata(self, place: TopicPartition, offset: int) -> str:
        mark = self._marks.get(place)
        if mark is None:
            return ""
        return str(mark if mark.offset >= offset else Mark(offset))

    def _mine(self, offsets: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
        return {place: offset for place, offset in offsets.items() if place in self._consumer.assignment()}

    def _unsettled(self, place: TopicPartition) -> bool:
        return place in self._done or any(place in _nexts(records) for records, _ in self._handled)


def _nexts(records: Sequence[Record]) -> dict[TopicPartition, int]:
    """Where reading goes on after these, in whatever order they came."""
    nexts: dict[TopicPartition, int] = {}
    for record in records:
        place = _place(record.topic, record.partition)
        nexts[place] = max(record.offset + 1, nexts.get(place, 0))
    return nexts


@cache
def _place(topic: str, partition: int) -> TopicPartition:
    """They are as many as the contract's topics have partitions."""
    return TopicPartition(topic, partition)


def _is_there(answer: Answer) -> bool:
    """Whether Kafka has confirmed it already: the usual case, told without a wait."""
    confirmation = answer.confirmation
    return isinstance(confirmation, asyncio.Future) and confirmation.done() and confirmation.exception() is None


async def _sent_again(answer: Answer) -> Any:
    return await (await answer.send())
