"""Kafka in one process: the same handlers, envelope, retries and dead letters, over queues instead of a network.

For the embedded mode and for tests. Messages are ordered per consumer group and topic; nothing survives the process.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from typing import Any, TypeVar, cast

from aiokafka import ConsumerRecord  # type: ignore[import-untyped]
from faststream._internal.parser import DefaultCodec
from faststream.kafka.message import KafkaMessage
from faststream.kafka.parser import AioKafkaParser
from faststream.kafka.publisher.producer import AioKafkaFastProducer
from faststream.kafka.response import KafkaPublishCommand
from faststream.kafka.subscriber.usecase import LogicSubscriber

from shared.contracts.events import Event
from shared.runtime.broker import Broker
from shared.runtime.records import Headers, Record

E = TypeVar("E", bound=Event)


class MemoryLog:
    """Every message that was published, and the queues of those who listen."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._queues: list[tuple[Callable[[str], bool], asyncio.Queue[Record]]] = []
        self._offsets: dict[str, Iterator[int]] = {}
        self._open = 0
        self._idle = asyncio.Condition()

    def said(self, topic: str) -> list[Record]:
        """The records of one topic, oldest first."""
        return [record for record in self.records if record.topic == topic]

    def events(self, topic: str, kind: type[E]) -> list[E]:
        """The events of one topic, oldest first."""
        return [kind.model_validate_json(record.value or b"") for record in self.said(topic)]

    async def settled(self, timeout_s: float = 60.0) -> None:
        """Wait until every message was handled, those that wait for another try included. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s), self._idle:
            await self._idle.wait_for(lambda: self._open == 0)

    def listen(self, hears: Callable[[str], bool]) -> "asyncio.Queue[Record]":
        """A queue of every record from now on whose topic is heard."""
        queue: asyncio.Queue[Record] = asyncio.Queue()
        self._queues.append((hears, queue))
        return queue

    def append(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Record:
        """Keep a message and hand it to the listeners of its topic."""
        record = _record(topic, key, value, headers, next(self._offsets.setdefault(topic, count())))
        self.records.append(record)
        for hears, queue in self._queues:
            if hears(record.topic):
                self._open += 1
                queue.put_nowait(record)
        return record

    async def finished(self) -> None:
        """One listener is done with one record."""
        async with self._idle:
            self._open -= 1
            self._idle.notify_all()


class MemoryProducer(AioKafkaFastProducer):
    """Stands where the Kafka producer stands; publishing returns at once and never calls a handler."""

    def __init__(self, broker: Broker, log: MemoryLog) -> None:
        self._broker = broker
        self._log = log
        self.codec = DefaultCodec()
        default = AioKafkaParser(msg_class=KafkaMessage, regex=None)
        self._parser, self._decoder = default.parse_message, default.decode_message

    def __bool__(self) -> bool:
        return True

    @property
    def closed(self) -> bool:
        """Never, while the context lasts."""
        return False

    async def publish(self, cmd: KafkaPublishCommand) -> Any:
        """Encode as the real producer does, and keep."""
        body, content_type = await self.codec.encode(cmd.body, self._broker.config.fd_config._serializer)
        self._log.append(cmd.destination, cmd.key, body, _headers(content_type, cmd))

    async def publish_batch(self, cmd: KafkaPublishCommand) -> Any:
        """Each body as a message of its own."""
        for position, one in enumerate(cmd.batch_bodies):
            body, content_type = await self.codec.encode(one, self._broker.config.fd_config._serializer)
            self._log.append(cmd.destination, cmd.key_for(position), body, _headers(content_type, cmd))

    async def copy(self, topic: str, *, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Keep bytes as they are."""
        self._log.append(topic, key, value, headers)


@asynccontextmanager
async def memory_broker(*brokers: Broker) -> AsyncIterator[MemoryLog]:
    """Run the subscribers of these brokers against one log in memory. Subscribe first, then enter, then publish.

    A handler's failure never reaches whoever published: it becomes another try or a dead letter, as with Kafka.
    """
    log = MemoryLog()
    with contextlib.ExitStack() as plugged:
        tasks = [task for broker in brokers for task in _start(broker, log, plugged)]
        try:
            yield log
        finally:
            for broker in brokers:
                broker.health.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _start(broker: Broker, log: MemoryLog, plugged: contextlib.ExitStack) -> list["asyncio.Task[None]"]:
    broker.listen_for_retries()
    broker._setup_logger()
    plugged.enter_context(_plug(broker, MemoryProducer(broker, log)))
    tasks = []
    for subscriber in broker.subscribers:
        if not subscriber.calls:
            continue
        subscriber._build_fastdepends_model()
        subscriber._post_start()
        topics = frozenset(cast(LogicSubscriber[Any], subscriber).topic_names)
        tasks.append(asyncio.create_task(_consume(subscriber, log, log.listen(topics.__contains__))))
    return tasks


@contextmanager
def _plug(broker: Broker, producer: MemoryProducer) -> Iterator[None]:
    config, letters = broker.config.broker_config, broker.letters
    before, config.producer = config.producer, producer
    copy, letters.copy = letters.copy, producer.copy
    try:
        yield
    finally:
        config.producer, letters.copy = before, copy


async def _consume(subscriber: Any, log: MemoryLog, queue: "asyncio.Queue[Record]") -> None:
    """One message at a time, as a consumer with one worker; a batch subscriber gets all that is there."""
    batched, limit = hasattr(subscriber, "max_records"), getattr(subscriber, "max_records", None)
    while True:
        taken = [await queue.get()]
        while batched and not queue.empty() and (limit is None or len(taken) < limit):
            taken.append(queue.get_nowait())
        try:
            await subscriber.consume(tuple(taken) if batched else taken[0])
        finally:
            for _ in taken:
                await log.finished()


def _headers(content_type: str | None, cmd: KafkaPublishCommand) -> Headers:
    """As the real producer writes them."""
    headers = {"content-type": content_type or "", **cmd.headers_to_publish()}
    return [(name, (value or "").encode()) for name, value in headers.items()]


def _record(topic: str, key: bytes | None, value: bytes | None, headers: Headers, offset: int) -> Record:
    record: Record = ConsumerRecord(
        topic=topic,
        partition=0,
        offset=offset,
        timestamp=int(time.time() * 1000),
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=list(headers),
    )
    return record
