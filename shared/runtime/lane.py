"""A lane is one subscriber's way from Kafka's records to its handler: envelope, counting, retries, offsets.

FastStream's own way costs more than all of these together: it makes a stack of contexts and every middleware anew for
each message. Here they are made once, and records come as many at a time as are handled in a moment: what is the same
for all of them is asked once.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import IllegalStateError  # type: ignore[import-untyped]
from faststream.exceptions import NackMessage
from faststream.response import Response

from shared.contracts.errors import BadRequest
from shared.contracts.events import Event
from shared.runtime.delivery.deliveries import Deliveries
from shared.runtime.delivery.dispositions import classify
from shared.runtime.delivery.retry import Offsets, Reader, ReaderOf, Retries
from shared.runtime.delivery.taking import Taking
from shared.runtime.delivery.turns import Turns
from shared.runtime.envelope import Envelope
from shared.runtime.in_hand import PendingPublishes
from shared.runtime.message import Message, Reading
from shared.runtime.outbox import Outbox
from shared.runtime.records import RETRY_SUFFIX, Record
from shared.runtime.telemetry.counting import Counted

log = structlog.get_logger(__name__)

AHEAD_S = 0.25
MOST_AHEAD = 500


class Runtime(Protocol):
    """What all lanes of a service share."""

    envelope: Envelope
    counted: Counted
    outbox: Outbox

    def retries(self, group: str) -> Retries:
        """The patience with messages of a group."""
        ...

    @property
    def find_reader(self) -> ReaderOf:
        """How far a consumer has got, and what it knows of deaths; None where nothing is committed."""
        ...


class Lane:
    """Carries what one subscriber reads, one message after the other."""

    def __init__(self, subscriber: Any, runtime: Runtime) -> None:
        self._subscriber = subscriber
        self._runtime = runtime
        self._batched = hasattr(subscriber, "max_records")
        self._group = (subscriber.group_id or "").removesuffix(RETRY_SUFFIX)
        self._retries = runtime.retries(self._group)
        self._ahead: deque[Record] = deque()
        self._pace = Pace()
        self._taking = Taking(self._pass_over, commits=bool(self._group))
        self._turns = Turns(self._retries.seconds_to_wait) if self._group != subscriber.group_id else None
        self._handler: Handler | None = None
        self._failures = 0

    async def next(self, consumer: AIOKafkaConsumer) -> tuple[Record, ...] | None:
        """As many of the next records as are handled in a moment, or as a batch holds; None when there are none yet."""
        most = self._subscriber.max_records if self._batched else self._pace.next_size()
        if self._turns is None:
            taken = await self._taking.take(consumer, most)
        else:
            taken = await self._those_whose_turn_has_come(self._turns, consumer, most)
        self._pace.begins(len(taken))
        return taken or None

    async def _those_whose_turn_has_come(
        self, turns: Turns, consumer: AIOKafkaConsumer, most: int | None
    ) -> tuple[Record, ...]:
        turns.go_on(consumer)
        taken = await self._taking.take(consumer, most, within_s=turns.seconds_to_next)
        due, rests = turns.come(consumer, taken)
        for place, offset in rests.items():
            self._taking.goes_back(place, offset)
        return tuple(due)

    def forget(self) -> None:
        """The partitions are handed over, or the service stops: whoever comes next reads from the committed offsets."""
        self._ahead.clear()
        self._taking.forget()
        if self._turns is not None:
            self._turns.forget()

    async def _pass_over(self, record: Record) -> None:
        """Of what cannot be read the place alone is buried, and behind it goes on what can."""
        reader = self._runtime.find_reader(self._subscriber.consumer, self._group)
        if reader is not None:
            words = "the name of one of its headers is not UTF-8; of such a record nothing can be read here"
            await self._retries.refused((record,), BadRequest("unreadable_record", words))
            await reader.offsets.finished((record,), PendingPublishes())

    async def carry(self, raw: Any) -> Response:
        """A record, or several as one message or one by one: handled, given up, or left for the next reader."""
        taken = raw if isinstance(raw, tuple) else (raw,)
        reader = self._runtime.find_reader(self._subscriber.consumer, self._group)
        with self._subscriber.lock:
            if self._batched:
                await self._carry(Message.of(taken), reader)
                return Response(None)
            self._ahead.extend(taken)
            try:
                while self._ahead:
                    await self._carry(Message.of((self._ahead.popleft(),)), reader)
            finally:
                self._ahead.clear()
        return Response(None)

    async def _carry(self, message: Message, reader: Reader[Offsets] | None) -> None:
        try:
            if reader is None:
                await self._settled(message)
            else:
                pending = PendingPublishes(self._retries.refused)
                await self._settled(message, pending, reader.deliveries)
                await reader.offsets.finished(message.records, pending)
            self._failures = 0
        except NackMessage:
            self._rewind(message)
        except Exception as error:
            log.exception("a message is read again")
            self._rewind(message)
            await self._back_off(error)

    async def _settled(
        self, message: Message, pending: PendingPublishes | None = None, deliveries: Deliveries | None = None
    ) -> None:
        if self._handler is None:  # not earlier: a handler is bound after its subscriber is made
            self._handler = Handler(self._subscriber, self._runtime.outbox)
        counted = self._runtime.counted
        with self._runtime.envelope.opened(message, pending) as hop:
            meters, token = counted.begin(message)
            began = time.perf_counter()
            try:
                if await self._retries.settled(self._handler, message, deliveries):
                    counted.done(message, meters, hop, time.perf_counter() - began, handler=id(self))
            except NackMessage:
                meters.left.inc()
                raise
            finally:
                counted.end(message, meters, token)

    async def _back_off(self, error: Exception) -> None:
        """What fails here is the runtime itself, at once and for every message: not as fast as it can, for ever."""
        times, self._failures = self._failures, self._failures + 1
        with contextlib.suppress(NackMessage):  # the service ends, and nothing is committed
            await self._retries.letters.wait(classify(error), times)

    def _rewind(self, message: Message) -> None:
        """Read it again: it is not committed, and what comes behind it must not be committed before it."""
        seek: Callable[[TopicPartition, int], None] | None = getattr(self._subscriber.consumer, "seek", None)
        firsts: dict[TopicPartition, int] = {}
        for record in message.records:
            place = TopicPartition(record.topic, record.partition)
            firsts[place] = min(record.offset, firsts.get(place, record.offset))
        for place, offset in firsts.items():
            self._taking.goes_back(place, offset)
        self._ahead = deque(one for one in self._ahead if TopicPartition(one.topic, one.partition) not in firsts)
        if seek is None:  # in memory
            return
        for place, offset in firsts.items():
            try:
                seek(place, offset)
            except IllegalStateError:  # it is somebody else's now, who reads from the committed offset anyway
                log.info("a message is left to another reader", topic=place.topic, partition=place.partition)


class Handler:
    """The function behind a subscriber: called with what a message says, what it returns is published."""

    def __init__(self, subscriber: Any, outbox: Outbox) -> None:
        wrapper = subscriber.calls[0].handler
        self._function = wrapper._declared_call
        self._reading = Reading(self._function, batch=hasattr(subscriber, "max_records"))
        self._waited_for = asyncio.iscoroutinefunction(self._function)
        self._answers_on = [publisher.topic for publisher in wrapper._publishers]
        self._outbox = outbox

    async def __call__(self, message: Message) -> None:
        arguments = self._reading.arguments(message)
        if self._waited_for:
            answer = await self._function(*arguments)
        else:
            answer = await asyncio.to_thread(self._function, *arguments)
        if isinstance(answer, Event):
            for topic in self._answers_on:
                await self._outbox.publish(answer, topic)


class Pace:
    """How many records are taken at once: as many as are handled in a moment, so that none waits here for long."""

    def __init__(self) -> None:
        self._size, self._taken = 1, 0
        self._began = 0.0

    def begins(self, taken: int) -> None:
        """So many were taken just now."""
        self._taken, self._began = taken, time.perf_counter()

    def next_size(self) -> int:
        """How many to take next; those taken last are all handled."""
        if self._taken:
            each_s = (time.perf_counter() - self._began) / self._taken
            fitting = int(AHEAD_S / each_s) if each_s > AHEAD_S / MOST_AHEAD else MOST_AHEAD
            self._size = max(1, min(fitting, 2 * self._size))
        return self._size
