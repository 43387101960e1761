"""The way out of every service: an event in its envelope, counted, and confirmed behind the back of its handler.

What handlers publish leaves together as soon as the loop turns: sealed and handed to the producer in one go, it costs
half of what it costs between one message and the next.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import MessageSizeTooLargeError  # type: ignore[import-untyped]
from faststream.kafka.response import KafkaPublishCommand
from faststream.response.publish_type import PublishType

from shared.contracts.events import Event
from shared.runtime.delivery.pending import PendingPublishes, current_pending
from shared.runtime.envelope import Envelope
from shared.runtime.in_hand import InHand, in_hand
from shared.runtime.records import Headers
from shared.runtime.telemetry.counting import Counted

MAX_EVENT_BYTES = 1024 * 1024
MOST_WAITING = 500


@dataclass(slots=True, eq=False)
class Letter:
    """An event on its way out: its body, the message that it answers, and its headers from when it is sealed."""

    outbox: "Outbox"
    event: Event
    body: bytes
    destination: str
    key: bytes
    own: Mapping[str, str] | None
    partition: int | None
    hop: InHand | None
    headers: Headers | None = None
    confirmation: Awaitable[Any] | None = None

    async def posted(self) -> Awaitable[Any]:
        """The confirmation, as soon as there is one to wait for."""
        while self.confirmation is None:
            await self.outbox.post()
        return self.confirmation

    async def send(self) -> Awaitable[Any]:
        """Hand it to the producer; returns the confirmation of this time. Raises KafkaError."""
        return await self.outbox.hand_over(self)


class Outbox:
    """Publishes for one service. `producer` is whichever FastStream has at the time."""

    def __init__(self, config: Any, *, envelope: Envelope, counted: Counted) -> None:
        self._config = config
        self._envelope = envelope
        self._counted = counted
        self._waiting: deque[Letter] = deque()
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
        said, hop, pending = message.key, in_hand.get(), current_pending.get()
        hop = None if hop is None else hop.of(said)
        body = message.model_dump_json().encode()
        letter = Letter(self, message, body, topic, key or said.encode(), headers, partition, hop)
        if pending is not None and await self._kept(letter, pending):
            self._count(letter)
            return letter
        if self._waiting:  # what was said before goes first
            await self.post()
        confirmation = await letter.send()
        self._count(letter)
        return await confirmation

    async def post(self) -> None:
        """Hand to the producer what waits; returns when it has it, or has refused it."""
        if self._posting is None or self._posting.done():
            self._posting = asyncio.create_task(self._post())
        await asyncio.wait([self._posting])

    async def hand_over(self, letter: Letter) -> Awaitable[Any]:
        """Seal it, once however often it is sent, and hand it to the producer. Raises KafkaError."""
        if letter.headers is not None:
            return await self._send(letter, letter.headers)
        with self._envelope.spans.publish(letter.destination, letter.hop.trace if letter.hop else None) as trace:
            letter.headers = self._envelope.headers(letter.event, letter.body, trace, letter.hop, letter.own)
            return await self._send(letter, letter.headers)

    async def _kept(self, letter: Letter, pending: PendingPublishes) -> bool:
        """Whether it waits until the loop turns: when a handler waits for anything, else between messages."""
        if self._kafka is None:
            return False
        if len(letter.body) > MAX_EVENT_BYTES:  # the producer would say so too, but to nobody who can give up
            raise MessageSizeTooLargeError(f"an event of {len(letter.body)} bytes; Kafka takes {MAX_EVENT_BYTES}")
        while pending.open and len(self._waiting) >= MOST_WAITING:
            await self.post()
        if not pending.open:  # its message may be committed by now
            return False
        self._waiting.append(letter)
        pending.sent.append(letter)
        if self._posting is None or self._posting.done():
            self._posting = asyncio.create_task(self._post())
        return True

    async def _post(self) -> None:
        while self._waiting:
            letter = self._waiting[0]
            try:
                letter.confirmation = await self.hand_over(letter)
            except Exception as error:  # whoever waits for the confirmation sends it again, or gives up
                letter.confirmation = _refused(error)
            self._waiting.popleft()

    def _count(self, letter: Letter) -> None:
        self._counted.left(letter.destination)
        self._counted.said(letter.event, letter.hop)

    @property
    def _kafka(self) -> Any:
        """aiokafka's producer; None in memory, where what is published is kept at once."""
        around = getattr(self._config.producer, "_producer", None)
        return None if around is None else around.producer

    async def _send(self, letter: Letter, headers: Headers) -> Awaitable[Any]:
        producer = self._kafka
        if producer is None:
            said = {name: value.decode() for name, value in headers if value is not None}
            command = _command(letter.body, letter.destination, letter.key, said, letter.partition)
            return _there(await self._config.producer.publish(command))
        sent: Awaitable[Any] = await producer.send(
            letter.destination, letter.body, letter.key, letter.partition, headers=headers
        )
        return sent


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


def _refused(error: Exception) -> Awaitable[Any]:
    """The confirmation of what the producer did not take."""
    confirmation = asyncio.get_running_loop().create_future()
    confirmation.set_exception(error)
    confirmation.exception()  # so that nobody complains when the service ends before somebody asks
    return confirmation
