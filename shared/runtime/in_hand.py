"""What is known of the message in hand: its trace, when what it is about was submitted, and its answers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from shared.contracts.topics import BACKGROUND_REQUESTED, PRODUCT_SUBMITTED
from shared.runtime.cloud_events import Trace
from shared.runtime.records import Record

SUBMITTED = "ce_submittedtime"
"""A CloudEvents extension that travels like `traceparent`: when the product or request was submitted (RFC 3339)."""


class Headers(Protocol):
    """Headers as text."""

    def get(self, name: str, /) -> str | None:
        """One of them, None when it is absent."""
        ...


BEGINS_WITH = frozenset({PRODUCT_SUBMITTED.name, BACKGROUND_REQUESTED.name})
FIRST, LAST = -62_135_596_800.0, 253_402_300_799.0  # the years 1 to 9999 in UTC
LONGEST_S = 30 * 86_400.0  # a clock that is wrong by more tells nothing


class Answer(Protocol):
    """Something that was published: `confirmation` ends when Kafka has it; None until it is posted."""

    destination: str
    confirmation: Awaitable[Any] | None

    async def posted(self) -> Awaitable[Any]:
        """The confirmation, as soon as there is one to wait for."""
        ...

    async def send(self) -> Awaitable[Any]:
        """Hand it to the producer once more; returns the confirmation of this time. Raises KafkaError."""
        ...


Refused = Callable[[Sequence[Record], Exception], Awaitable[None]]
"""Hears of the records of a message one of whose answers Kafka will never take."""


class PendingPublishes:
    """What one message's handler has published and Kafka has not confirmed yet; `open` while the message is in hand."""

    __slots__ = ("open", "refused", "sent")

    def __init__(self, refused: Refused | None = None) -> None:
        self.sent: list[Answer] = []
        self.open = True
        self.refused = refused


@dataclass(slots=True)
class InHand:
    """One consumed message: `submitted_at` in seconds since 1970, None where nobody waits for an option.

    `batch`: the messages that came with it, by their keys. `pending`: where offsets wait for answers, its answers.
    """

    trace: Trace
    submitted_at: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # what every log line says meanwhile
    options_at: tuple[float, ...] = ()  # of the options published so far
    batch: Mapping[str, "InHand"] | None = None
    pending: PendingPublishes | None = None

    def of(self, key: str) -> "InHand":
        """The message of a batch that an answer with this key belongs to; where none has it, this one."""
        return self.batch.get(key, self) if self.batch else self

    def all(self) -> Iterable["InHand"]:
        """It and those that came with it."""
        return (self, *self.batch.values()) if self.batch else (self,)


in_hand: ContextVar[InHand | None] = ContextVar("in_hand", default=None)


def said_at(headers: Headers, record: Record) -> float:
    """When a message was said, in seconds since 1970: by its envelope, else by when Kafka got it."""
    named = moment(headers.get("ce_time"))
    return named if named is not None else getattr(record, "timestamp", 0) / 1000


def submitted_at(headers: Headers, record: Record, topic: str) -> float | None:
    """When the product or request that a message is about was submitted; where it begins that is the message itself."""
    travelled = moment(headers.get(SUBMITTED))
    if travelled is None and topic in BEGINS_WITH:
        return said_at(headers, record)
    return travelled


def age_s(moment: float, now: float) -> float:
    """Seconds from a moment of another clock to now: never negative, never longer than anything lasts."""
    age = now - moment
    return 0.0 if age < 0.0 else age if age < LONGEST_S else LONGEST_S


def moment(text: str | None) -> float | None:
    """Seconds since 1970 of an RFC 3339 time, one without a zone taken as UTC; None for what is none.

    Nor is one that UTC has no year for: it could be read here, and not be said again.
    """
    if not text:  # told without an error, as most messages lack one of theirs
        return None
    try:
        time = datetime.fromisoformat(text)
        seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if FIRST <= seconds <= LAST else None


def rfc3339(moment: float) -> str:
    """The other way round, to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
