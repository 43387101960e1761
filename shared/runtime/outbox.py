"""The way out of every service: an event in its envelope, counted, and confirmed behind the back of its handler.

What handlers publish is handed to the producer together, as soon as the loop turns: in one go it costs less than
between one message and the next.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import MessageSizeTooLargeError  # type: ignore[import-untyped]
from faststream.kafka.response import KafkaPublishCommand
from faststream.response.publish_type import PublishType

from shared.contracts.events import Event
from shared.runtime.envelope import Envelope
from shared.runtime.health import Health
from shared.runtime.in_hand import PendingPublishes, in_hand
from shared.runtime.parcels import batches, grouped, place_of
from shared.runtime.records import Headers
from shared.runtime.telemetry.counting import Counted

MAX_EVENT_BYTES = 1024 * 1024
HEADROOM = 16 * 1024  # of these, for headers and what Kafka writes around them
MOST_WAITING = 500
SLOW_S = 1.0


@dataclass(slots=True, eq=False)
class Outgoing:
    """A sealed event on its way: bytes and headers, made once however often it is sent."""

    outbox: "Outbox"
    destination: str
    body: bytes
    key: bytes
    headers: Headers
    partition: int | None
    confirmation: Awaitable[Any] | None = None
    arrival: asyncio.Future[None] | None = None

    async def posted(self) -> Awaitable[Any]:
        """The confirmation, as soon as there is one to wait for: when the producer has taken it, or refused it."""
        if self.confirmation is None:
            await self.outbox.has_posted(self)
        assert self.confirmation is not None
        return self.confirmation

    async def send(self) -> Awaitable[Any]:
        """Hand it to the producer; returns the confirmation of this time. Raises KafkaError."""
        return await self.outbox.hand_over(self)


class Outbox:
    """Publishes for one service. `producer` is whichever FastStream has at the time."""

    def __init__(self, config: Any, *, envelope: Envelope, counted: Counted, health: Health) -> None:
        self._config = config
        self._envelope = envelope
        self._counted = counted
        self._health = health
        self._waiting: deque[Outgoing] = deque()
        self._posting: asyncio.Task[None] | None = None

    async def publish(
        self,
        message: Any,
        topic: str,
        *,
        key: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        partition: int | None = None,
    ) -> Any:
        """An event in its envelope, or bytes as they are. Raises KafkaError.

        What a handler publishes is confirmed later, before its message is committed; all else is waited for.
        """
        if not isinstance(message, Event):
            result = await self._config.producer.publish(_command(message, topic, key, headers, partition))
            self._counted.left(topic)
            return result
        said, hop, pending = message.key, in_hand.get(), None
        if hop is not None:
            hop, pending = hop.of(said), hop.pending
        body = message.__pydantic_serializer__.to_json(message)  # `model_dump_json`, without a text in between
        with self._envelope.spans.publish(topic, hop.trace if hop else None) as trace:
            sealed = self._envelope.headers(message, body, trace, hop, headers)
            event = Outgoing(self, topic, body, key or said.encode(), sealed, partition)
            kept = pending is not None and await self._kept(event, pending)
            confirmation = None if kept else await self._handed_over(event)
        self._counted.left(topic)
        self._counted.said(message, hop)
        return event if confirmation is None else await confirmation

    async def has_posted(self, event: Outgoing) -> None:
        """Wait until the producer has it, or has refused it; what takes it long is Kafka."""
        event.arrival = event.arrival or asyncio.get_running_loop().create_future()
        self._post_soon()
        arrived, _ = await asyncio.wait([event.arrival], timeout=SLOW_S)
        if not arrived:
            with self._health.waiting("kafka_down"):
                await asyncio.wait([event.arrival])

    async def hand_over(self, event: Outgoing) -> Awaitable[Any]:
        """Give it to the producer; returns the confirmation of this time. Raises KafkaError."""
        producer = self._kafka
        if producer is None:
            said = {name: value.decode() for name, value in event.headers if value is not None}
            command = _command(event.body, event.destination, event.key, said, event.partition)
            return _there(await self._config.producer.publish(command))
        sent: Awaitable[Any] = await producer.send(
            event.destination, event.body, event.key, event.partition, headers=event.headers
        )
        return sent

    async def _handed_over(self, event: Outgoing) -> Awaitable[Any]:
        if self._waiting:  # what was said before goes first
            await self._waiting[-1].posted()
        return await self.hand_over(event)

    async def _kept(self, event: Outgoing, pending: PendingPublishes) -> bool:
        """Whether it waits until the loop turns: when a handler waits for anything, else between messages."""
        if self._kafka is None:
            return False
        if len(event.body) > MAX_EVENT_BYTES - HEADROOM:  # the producer would say so too, but to nobody who can give up
            raise MessageSizeTooLargeError(f"an event of {len(event.body)} bytes; at most {MAX_EVENT_BYTES - HEADROOM}")
        while pending.open and len(self._waiting) >= MOST_WAITING:
            await self._waiting[-1].posted()
        if not pending.open:  # its message may be committed by now
            return False
        self._waiting.append(event)
        pending.sent.append(event)
        self._post_soon()
        return True

    def _post_soon(self) -> None:
        if self._posting is None or self._posting.done():
            self._posting = asyncio.create_task(self._post())

    async def _post(self) -> None:
        """All that waits leaves together; what is said meanwhile leaves next."""
        while self._waiting:
            events = tuple(self._waiting)
            for topic, some in grouped(events, lambda event: event.destination):
                await self._leave(topic, some)
            for _ in events:
                self._waiting.popleft()

    async def _leave(self, topic: str, events: Sequence[Outgoing]) -> None:
        try:
            partitions = sorted(await self._kafka.partitions_for(topic))
            for partition, some in grouped(events, lambda event: place_of(event, partitions)):
                for batch, packed in batches(self._kafka.create_batch, some):
                    _confirmed_by(await self._sent(batch, topic, partition), packed)
        except Exception as error:  # whatever it is, nobody shall wait for them for ever
            _confirmed_by(_refused(error), [event for event in events if event.confirmation is None])

    async def _sent(self, batch: Any, topic: str, partition: int) -> Awaitable[Any]:
        """The confirmation of a batch; what is refused is no trouble of its neighbours."""
        try:
            confirmation: Awaitable[Any] = await self._kafka.send_batch(batch, topic, partition=partition)
        except Exception as error:
            return _refused(error)
        return confirmation

    @property
    def _kafka(self) -> Any:
        """aiokafka's producer; None in memory, where what is published is kept at once."""
        around = getattr(self._config.producer, "_producer", None)
        return None if around is None else around.producer


def _command(
    body: Any, topic: str, key: bytes | None, headers: Mapping[str, str] | None, partition: int | None
) -> KafkaPublishCommand:
    return KafkaPublishCommand(
        body,
        topic=topic,
        key=key,
        headers=dict(headers or {}),
        partition=partition,
        _publish_type=PublishType.PUBLISH,
    )


def _there(result: Any) -> Awaitable[Any]:
    """The confirmation of what is kept already."""
    confirmation = asyncio.get_running_loop().create_future()
    confirmation.set_result(result)
    return confirmation


def _confirmed_by(confirmation: Awaitable[Any], events: Sequence[Outgoing]) -> None:
    """They have left together, and one word from Kafka is for all of them."""
    for event in events:
        event.confirmation = confirmation
        if event.arrival is not None:
            event.arrival.set_result(None)


def _refused(error: Exception) -> Awaitable[Any]:
    """The confirmation of what the producer did not take."""
    confirmation = asyncio.get_running_loop().create_future()
    confirmation.set_exception(error)
    confirmation.exception()  # so that nobody complains when the service ends before somebody asks
    return confirmation
