"""Every topic in, the projection written; and the one way out: an event is announced, then known here at once."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from faststream.kafka import KafkaBroker
from pydantic import ValidationError

from services.gateway.heard.echoes import Echoes
from services.gateway.ports import Announce
from services.gateway.records import DeadLetter, Told
from shared.contracts.blobs import digest
from shared.contracts.errors import DependencyDown
from shared.contracts.events import Event, in_utc
from shared.contracts.identity import event_id
from shared.contracts.topics import (
    BACKGROUND_GENERATED,
    BACKGROUND_REJECTED,
    DATASET_RELEASED,
    MODEL_TRAINED,
    SAMPLE_CURATED,
    TOPICS,
    TRAINING_FAILED,
    TRAINING_PROGRESSED,
    Topic,
)

GROUP = "gateway"
SOURCE = "backdrop/gateway"
TYPE_PREFIX = "backdrop."
TIME = "ce_time"
PUBLISH_S = 10.0
LONGEST_PLACE = 200
CLOCKS = timedelta(hours=1)  # that a producer's clock may be ahead

ALONE = frozenset({
    SAMPLE_CURATED, DATASET_RELEASED, TRAINING_PROGRESSED, TRAINING_FAILED, MODEL_TRAINED, BACKGROUND_GENERATED,
    BACKGROUND_REJECTED,
})  # fmt: skip
"""Topics that no stage hears: what cannot be read there is dead-lettered here, elsewhere by the stage whose it is."""

log = logging.getLogger("gateway")


class Writing(Protocol):
    """The half of the projection that hears."""

    def apply(self, told: Told) -> bool:
        """Take an event in that is said here; False when it was known."""
        ...

    def hear(self, told: Told) -> bool:
        """Take an event in that came from its topic; False when it was known."""
        ...

    def bury(self, letter: DeadLetter) -> bool:
        """Take a dead letter in; False when it was known."""
        ...

    def end_replays(self, places: Collection[str], now: datetime) -> None:
        """These letters were sent on their way again."""
        ...


def subscribe(broker: KafkaBroker, projection: Writing, heard: Callable[[], None]) -> Announce:
    """Hear every topic and all dead letters. Returns `announce`; `heard` is called when the log has a new line."""
    echoes = Echoes()
    for topic in TOPICS:
        _hear(broker, topic, projection, echoes, heard)
    _hear_letters(broker, projection, heard)
    outs = {topic.event: broker.publisher(topic.name) for topic in TOPICS}

    async def announce(event: Event) -> datetime:
        told = _told_by_us(event)
        headers = {TIME: told.time.isoformat()}
        with echoes.of((headers[TIME], digest(told.body.encode()))):
            try:
                async with asyncio.timeout(PUBLISH_S):
                    await outs[type(event)].publish(event, key=event.key.encode(), headers=headers)
            except TimeoutError as error:
                words = "Kafka does not take the event; nothing was lost, try again"
                raise DependencyDown("kafka_down", words) from error
            new = await asyncio.to_thread(projection.apply, told)
        if new:
            heard()
        return told.time

    return announce


def _hear(broker: KafkaBroker, topic: Topic, projection: Writing, echoes: Echoes, heard: Callable[[], None]) -> None:
    @broker.subscriber(topic.name, group_id=GROUP)
    async def on_event(body: bytes, record: Any) -> None:
        headers = headers_of(record)
        if replayed := replays_of(headers):
            await asyncio.to_thread(projection.end_replays, replayed, datetime.now(UTC))
        if await echoes.known((headers.get(TIME, ""), digest(body))):
            return
        try:
            event = topic.event.model_validate_json(body)
        except ValidationError:
            if topic in ALONE:
                raise
            log.warning("an event that cannot be read is left to the stage whose it is", extra={"topic": topic.name})
            return
        if await asyncio.to_thread(projection.hear, told_of(event, record, headers)):
            heard()


def _hear_letters(broker: KafkaBroker, projection: Writing, heard: Callable[[], None]) -> None:
    """Every replica reads all letters from the beginning: they are few, and known ones change nothing."""

    @broker.subscriber(*(topic.dead for topic in TOPICS))
    async def on_letter(body: bytes, record: Any) -> None:
        if await asyncio.to_thread(projection.bury, letter_of(record)):
            heard()


def headers_of(record: Any) -> dict[str, str]:
    """A record's headers in words."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}


def replays_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The places of the dead letters that a record of these headers was before."""
    places = headers.get("x-replay-of", "").split()
    return tuple(place for place in places if len(place) <= LONGEST_PLACE)


def told_of(event: Event, record: Any, headers: Mapping[str, str]) -> Told:
    """An event with the envelope of its record, whoever published it; a foreign producer may have left parts out."""
    return Told(
        event=event,
        event_id=event_id(event),
        type=TYPE_PREFIX + type(event).__name__,
        source=str(headers.get("ce_source") or "unknown"),
        time=_said_at(headers.get(TIME), record.timestamp),
        body=event.model_dump_json(),
    )


def _told_by_us(event: Event) -> Told:
    now = datetime.now(UTC)
    body = event.model_dump_json()
    kind = TYPE_PREFIX + type(event).__name__
    return Told(event=event, event_id=event_id(event), type=kind, source=SOURCE, time=now, body=body)


def letter_of(record: Any) -> DeadLetter:
    """A dead letter as its record has it."""
    headers = headers_of(record)
    attempts = headers.get("x-attempts", "")
    return DeadLetter(
        place=f"{record.topic}/{record.partition}/{record.offset}",
        topic=record.topic.removesuffix(".dead"),
        key=(record.key or b"").decode("utf-8", "replace"),
        raw_key=record.key,
        value=record.value or b"",
        headers=tuple((name, None if value is None else value.decode("latin-1")) for name, value in record.headers),
        reason=headers.get("x-reason", "unknown"),
        detail=headers.get("x-detail", ""),
        service=headers.get("x-service", "unknown"),
        attempts=int(attempts) if attempts.isascii() and attempts.isdigit() else 0,
        failed=datetime.fromtimestamp(record.timestamp / 1000, UTC),
    )


def _said_at(text: str | None, got_ms: int) -> datetime:
    """When an event was said, by its envelope; when Kafka got it where that is told wrong.

    A moment that is still to come would be the newest for ever: what is told after it would count for nothing.
    """
    named, got = _moment(text), datetime.fromtimestamp(got_ms / 1000, UTC)
    return got if named is None or (got_ms > 0 and named > got + CLOCKS) else named


def _moment(text: str | None) -> datetime | None:
    try:
        return in_utc(datetime.fromisoformat(text or ""))
    except ValueError:
        return None
