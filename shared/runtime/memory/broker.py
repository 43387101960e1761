"""Kafka in one process: the same handlers, envelope, retries and dead letters, over a log instead of a network.

For the embedded mode and for tests. Messages are ordered per consumer group and topic, on retry topics per wait. A log
outlives its brokers: run others over it, and they read on from what was committed; with a journal it outlives the
process as well.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

from faststream._internal.parser import DefaultCodec
from faststream.kafka.message import KafkaMessage
from faststream.kafka.parser import AioKafkaParser
from faststream.kafka.publisher.producer import AioKafkaFastProducer
from faststream.kafka.response import KafkaPublishCommand
from faststream.kafka.subscriber.usecase import LogicSubscriber

from shared.runtime.broker import Broker
from shared.runtime.delivery.dead_letter import Choose
from shared.runtime.delivery.deliveries import Deliveries
from shared.runtime.delivery.retry import Reader, ReaderOf
from shared.runtime.memory.consumer import MemoryConsumer
from shared.runtime.memory.log import MemoryLog
from shared.runtime.records import RETRY_SUFFIX, Headers

__all__ = ["MemoryLog", "memory_broker"]


class MemoryProducer(AioKafkaFastProducer):
    """Stands where the Kafka producer stands; publishing returns at once and never calls a handler."""

    def __init__(self, broker: Broker, log: MemoryLog) -> None:
        self._broker = broker
        self._log = log
        self.codec = DefaultCodec()
        default = AioKafkaParser(msg_class=KafkaMessage, regex=None)
        self._parser, self._decoder = default.parse_message, default.decode_message

    @property
    def closed(self) -> bool:
        """Never, while the context lasts."""
        return False

    async def publish(self, cmd: KafkaPublishCommand) -> Any:
        """Encode as the real producer does, and keep."""
        body, content_type = await self.codec.encode(cmd.body, self._broker.config.fd_config._serializer)
        self._log.append(cmd.destination, cmd.key, body, _headers(content_type, cmd))

    async def publish_batch(self, cmd: KafkaPublishCommand) -> Any:
        """Refused: a batch travels in one envelope, and every event needs its own."""
        raise NotImplementedError("publish events one by one: in a batch all would share one id")

    async def copy(
        self, topic: str, *, key: bytes | None, value: bytes | None, headers: Headers, choose: Choose | None = None
    ) -> None:
        """Keep bytes as they are. Where a partition is chosen, there is one for each wait."""
        partition = 0 if choose is None else choose(range(len(self._broker.settings.waits_s)))
        self._log.append(topic, key, value, headers, partition=partition)


@asynccontextmanager
async def memory_broker(*brokers: Broker, log: MemoryLog | None = None) -> AsyncIterator[MemoryLog]:
    """Run the subscribers of these brokers against one log in memory. Subscribe first, then enter, then publish.

    A handler's failure never reaches whoever published: it becomes another try or a dead letter, as with Kafka. What is
    no `Exception` ends the consumer without a word, as a kill ends a process; give the log to other brokers then.
    """
    log = MemoryLog() if log is None else log
    with contextlib.ExitStack() as plugged:
        tasks = [task for broker in brokers for task in _start(broker, log, plugged)]
        try:
            yield log
        finally:
            for broker in brokers:
                broker.health.stop()
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            if all(end is None or isinstance(end, asyncio.CancelledError) for end in ended):
                log.release()


def _start(broker: Broker, log: MemoryLog, plugged: contextlib.ExitStack) -> list["asyncio.Task[None]"]:
    broker.listen_for_retries()
    broker._setup_logger()
    plugged.enter_context(_plug(broker, MemoryProducer(broker, log), log))
    tasks = []
    for subscriber in broker.subscribers:
        if not subscriber.calls:
            continue
        subscriber._build_fastdepends_model()
        subscriber._post_start()
        consumer = _consumer(cast(LogicSubscriber[Any], subscriber), log)
        tasks.append(asyncio.create_task(_consume(broker, subscriber, log, consumer)))
    return tasks


def _consumer(subscriber: LogicSubscriber[Any], log: MemoryLog) -> MemoryConsumer:
    """It reads all that its group has not committed, then what comes."""
    topics, group = frozenset(subscriber.topic_names), (subscriber.group_id or "").removesuffix(RETRY_SUFFIX)
    unread = [
        record for record in log.records if record.topic in topics and not (group and log.read_by(group).has(record))
    ]
    return log.listen(topics.__contains__, earlier=unread)


@contextmanager
def _plug(broker: Broker, producer: MemoryProducer, log: MemoryLog) -> Iterator[None]:
    config, letters = broker.config.broker_config, broker.letters
    before, config.producer = config.producer, producer
    copy, letters.copy = letters.copy, producer.copy
    find_reader, broker.find_reader = broker.find_reader, _reader_of(broker, log)
    try:
        yield
    finally:
        config.producer, letters.copy, broker.find_reader = before, copy, find_reader


def _reader_of(broker: Broker, log: MemoryLog) -> ReaderOf:
    """One reader per group, as `Broker.reader_of` gives one per consumer."""
    known: dict[str, Reader[Any]] = {}

    def reader_of(consumer: Any, group: str) -> Reader[Any] | None:
        if group and group not in known:
            offsets = log.read_by(group)
            known[group] = Reader(offsets, Deliveries(offsets, alone=broker.alone))
        return known.get(group)

    return reader_of


async def _consume(broker: Broker, subscriber: Any, log: MemoryLog, consumer: MemoryConsumer) -> None:
    """As FastStream does with Kafka's, until it is cancelled or rests."""
    try:
        while subscriber.running:
            taken = await subscriber.lane.next(consumer)
            if taken is not None:
                broker.metrics.lag.labels(broker.service, taken[0].topic, "0").set(len(consumer.unread))
                await subscriber.consume(taken)
    finally:
        log.leave(consumer)


def _headers(content_type: str | None, cmd: KafkaPublishCommand) -> Headers:
    """As the real producer writes them."""
    headers = {"content-type": content_type or "", **cmd.headers_to_publish()}
    return [(name, (value or "").encode()) for name, value in headers.items()]
