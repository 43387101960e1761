"""Retries around every handler: it runs until it succeeds or its letter is written. Handlers catch nothing."""

import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]
from faststream import BaseMiddleware, StreamMessage
from faststream._internal.context import ContextRepo
from faststream.exceptions import AckMessage, IgnoredException
from faststream.kafka.response import KafkaPublishCommand
from faststream.message import AckStatus

from shared.contracts.events import Event
from shared.runtime import records
from shared.runtime.delivery.dead_letter import DeadLetters
from shared.runtime.delivery.deliveries import Deliveries, killed
from shared.runtime.delivery.dispositions import Action, Disposition, classify
from shared.runtime.delivery.offsets import PendingPublishes, current_pending
from shared.runtime.records import Record

log = structlog.get_logger(__name__)

Handler = Callable[[StreamMessage[Any]], Awaitable[Any]]

TRY_GROWTH = 4.0


class Offsets(Protocol):
    """Where a consumer notes what is handled."""

    async def finished(self, records: Iterable[Record], pending: PendingPublishes) -> None:
        """These records are handled; their offsets follow when what was published for them is confirmed."""
        ...


OffsetsT = TypeVar("OffsetsT", bound=Offsets, covariant=True)


@dataclass(frozen=True)
class Reader(Generic[OffsetsT]):
    """One consumer that commits: how far it has got, and what it knows of earlier deliveries."""

    offsets: OffsetsT
    deliveries: Deliveries


ReaderOf = Callable[[Any, str], Reader[Offsets] | None]


class RetryMiddleware:
    """Makes the retrying middleware of one service; FastStream calls it once per message."""

    def __init__(self, letters: DeadLetters, reader_of: ReaderOf) -> None:
        self.letters = letters
        self.reader_of = reader_of

    def __call__(self, msg: Any, /, *, context: ContextRepo) -> "RetriedMessage":
        return RetriedMessage(msg, context=context, letters=self.letters, reader_of=self.reader_of)


class RetriedMessage(BaseMiddleware[Any, Any]):
    """One message until it succeeded or its letter is written."""

    def __init__(self, msg: Any, /, *, context: ContextRepo, letters: DeadLetters, reader_of: ReaderOf) -> None:
        super().__init__(msg, context=context)
        self.letters = letters
        self.reader_of = reader_of
        self.deliveries: Deliveries | None = None

    @property
    def _group(self) -> str:
        group = getattr(self.context.get_local("handler_"), "group_id", None) or ""
        return str(group).removesuffix(records.RETRY_SUFFIX)

    async def consume_scope(self, call_next: Handler, msg: StreamMessage[Any]) -> Any:
        """Handle one record, or a batch of them; where offsets are kept its answers are confirmed behind its back."""
        reader = self.reader_of(getattr(msg, "consumer", None), self._group)
        if reader is None:
            return await self._retried(call_next, msg)
        pending, self.deliveries = PendingPublishes(refused=self._refused), reader.deliveries
        _commit_by(reader.offsets, msg, pending)
        token = current_pending.set(pending)
        try:
            await self._meet(records.records_of(msg.raw_message))
            return await self._retried(call_next, msg)
        finally:
            current_pending.reset(token)
            pending.open = False  # what a task of the handler's publishes later is waited for there

    async def _meet(self, batch: tuple[Record, ...]) -> None:
        assert self.deliveries is not None
        try:
            for record in batch:
                await self.deliveries.meet(record)
        except (KafkaError, TimeoutError) as error:  # a rebalance in between; asked again with the next message
            log.warning("does not know how the last reader ended", error=repr(error))

    async def publish_scope(
        self, call_next: Callable[[KafkaPublishCommand], Awaitable[Any]], cmd: KafkaPublishCommand
    ) -> Any:
        """An event that a handler publishes is confirmed later; a letter, or what comes after it, is waited for."""
        pending = current_pending.get()
        if pending is not None and pending.open and isinstance(cmd.body, Event):
            return await pending.send(call_next, cmd)
        return await call_next(cmd)

    async def _retried(self, call_next: Handler, msg: StreamMessage[Any]) -> Any:
        batch = records.records_of(msg.raw_message)
        mine = tuple(record for record in batch if records.is_for(self._group, record))
        if not mine:
            self._skip(batch[0])
        if len(mine) == len(batch) == 1:
            await self._wait_for_its_turn(batch[0])
            return await self._handle(call_next, msg, batch[0])
        return await self._handle_batch(call_next, msg, mine)

    async def after_processed(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool:
        """What fails outside the handler: a header that is not UTF-8, or the answer that Kafka did not take."""
        if exc_val is None or isinstance(exc_val, IgnoredException) or not isinstance(exc_val, Exception):
            return False
        disposition = classify(exc_val)
        if disposition.action is Action.WAIT:
            await self.letters.wait(disposition, times=2)
            return False  # uncommitted, read again at once: the outputs are there, so only the answer is sent again
        for record in records.records_of(self.msg):
            await self.letters.give_up(record, disposition, exc_val, group=self._group, tries=1)
        return True

    async def _refused(self, error: Exception) -> None:
        """An answer can never be published: its message is given up although its handler is done."""
        for record in records.records_of(self.msg):
            await self.letters.give_up(record, classify(error), error, group=self._group, tries=1)

    async def _handle(self, call_next: Handler, msg: StreamMessage[Any], record: Record) -> Any:
        await self._bury_killer(record)
        tries = waits = 0
        while True:
            try:
                async with self._in_hand(record):
                    return await call_next(msg)
            except IgnoredException:
                raise
            except Exception as error:
                disposition = classify(error)
                if disposition.action is Action.WAIT:
                    await self.letters.wait(disposition, waits)
                    waits += 1
                    continue
                tries += 1
                if self._is_over(disposition, tries):
                    await self.letters.give_up(record, disposition, error, group=self._group, tries=tries)
                    raise AckMessage() from error  # commits, and publishes nothing downstream
                await self._before_next_try(record, disposition, tries)

    async def _bury_killer(self, record: Record) -> None:
        """What was in hand too often when a worker died is not tried again."""
        times = self._earlier(record)
        if times < self.letters.settings.max_kills:
            return
        error = killed(times)
        await self.letters.give_up(record, classify(error), error, group=self._group, tries=times)
        raise AckMessage() from error

    def _earlier(self, record: Record) -> int:
        return 0 if self.deliveries is None else self.deliveries.earlier(record)

    def _in_hand(self, record: Record) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self.deliveries is None else self.deliveries.in_hand(record)

    def _is_over(self, disposition: Disposition, tries: int) -> bool:
        """No more tries in place: they would not help, are spent, or would hold up the neighbours for nothing."""
        if disposition.action is Action.LATER and self.letters.delays_s(disposition):
            return True
        return disposition.action is Action.DEAD or tries >= self.letters.settings.tries

    async def _handle_batch(self, call_next: Handler, msg: StreamMessage[Any], mine: tuple[Record, ...]) -> Any:
        """All at once; when that fails, one by one, so that one bad record does not hold back its neighbours."""
        whole = len(mine) == len(records.records_of(msg.raw_message))
        if whole and not any(self._earlier(record) for record in mine):
            try:
                return await call_next(msg)
            except IgnoredException:
                raise
            except Exception as error:
                log.info("a batch failed, goes on one by one", records=len(mine), error=repr(error))
        for record in mine:
            await self._wait_for_its_turn(record)
            try:
                await self._handle(call_next, _batch_of_one(msg, record), record)
            except AckMessage:
                continue  # its letter is written
        raise AckMessage()

    async def _wait_for_its_turn(self, record: Record) -> None:
        if record.topic.endswith(records.RETRY_SUFFIX):
            settings = self.letters.settings
            longest_s = max((0.0, *settings.retry_delays_s, *settings.not_yet_delays_s))
            wait_s = records.seconds_to_wait(records.headers_of(record), longest_s=longest_s)
            await self.letters.health.pause(wait_s)

    async def _before_next_try(self, record: Record, disposition: Disposition, tries: int) -> None:
        topic = records.topic_of_record(record)
        self.letters.metrics.tries.labels(self.letters.service, topic, disposition.reason).inc()
        delay = self.letters.settings.try_delay_s * TRY_GROWTH ** (tries - 1)
        log.info("tries again", reason=disposition.reason, detail=disposition.detail, after_s=round(delay, 1))
        await self.letters.health.pause(delay * random.uniform(0.5, 1.0))

    def _skip(self, record: Record) -> None:
        topic = records.topic_of_record(record)
        self.letters.metrics.messages.labels(self.letters.service, topic, "skipped").inc()
        raise AckMessage()


def _commit_by(offsets: Offsets, msg: StreamMessage[Any], pending: PendingPublishes) -> None:
    async def ack() -> None:
        msg.committed = AckStatus.ACKED
        await offsets.finished(records.records_of(msg.raw_message), pending)

    msg.ack = ack  # type: ignore[method-assign]


def _batch_of_one(msg: StreamMessage[Any], record: Record) -> StreamMessage[Any]:
    single = copy(msg)
    single.raw_message = (records.readable(record),)
    single.body = [record.value or b""]
    single.headers = records.headers_of(record)
    single.batch_headers = [single.headers]
    return single
