"""The way out of every service: an event in its envelope, counted, and confirmed behind the back of its handler."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faststream.kafka.response import KafkaPublishCommand
from faststream.response.publish_type import PublishType

from shared.contracts.events import Event
from shared.runtime.delivery.pending import current_pending
from shared.runtime.envelope import Envelope
from shared.runtime.in_hand import in_hand
from shared.runtime.telemetry.counting import Counted


@dataclass(slots=True)
class Sealed:
    """A message that is ready to leave: bytes and headers, made once however often it is sent."""

    destination: str
    key: bytes | None
    body: bytes
    headers: Mapping[str, str]
    partition: int | None = None
    no_confirm: bool = False


class Outbox:
    """Publishes for one service. `producer` is whichever FastStream has at the time."""

    def __init__(self, config: Any, *, envelope: Envelope, counted: Counted) -> None:
        self._config = config
        self._envelope = envelope
        self._counted = counted

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
        hop, body = in_hand.get(), message.model_dump_json()
        hop = None if hop is None else hop.of(message.key)
        with self._envelope.spans.publish(topic, hop.trace if hop else None) as trace:
            said = self._envelope.headers(message, body, trace, hop, headers)
            sealed = Sealed(topic, key or message.key.encode(), body.encode(), said, partition)
            pending = current_pending.get()
            if pending is not None and pending.open:
                result = await pending.send(self._send, sealed)
            else:
                result = await self._send(sealed)
        self._counted.left(topic)
        self._counted.said(message)
        return result

    async def _send(self, sealed: Sealed) -> Any:
        producer = self._config.producer
        real = getattr(producer, "_producer", None)
        if real is None:  # in memory
            return await producer.publish(
                _command(sealed.body, sealed.destination, sealed.key, sealed.headers, sealed.partition)
            )
        headers = [(name, value.encode()) for name, value in sealed.headers.items()]
        confirmation = await real.producer.send(
            sealed.destination, sealed.body, sealed.key, sealed.partition, headers=headers
        )
        return confirmation if sealed.no_confirm else await confirmation


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
