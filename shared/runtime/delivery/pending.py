"""What a handler publishes while its message is in hand: on its way to Kafka, confirmed before the offset follows."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Protocol


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


class PendingPublishes:
    """What one message's handler has published; Kafka has not confirmed it yet. `refused` hears what it never will."""

    __slots__ = ("open", "refused", "sent")

    def __init__(self, refused: Callable[[Exception], Awaitable[None]] | None = None) -> None:
        self.sent: list[Answer] = []
        self.open = True
        self.refused = refused


current_pending: ContextVar[PendingPublishes | None] = ContextVar("current_pending", default=None)
