"""What a handler publishes while its message is in hand: on its way to Kafka, confirmed before the offset follows."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

Send = Callable[[Any], Awaitable[Any]]
"""Hands a message to the producer; returns its confirmation, which may still be on its way."""


@dataclass(slots=True)
class PendingPublishes:
    """What one message's handler has published; Kafka has not confirmed it yet. `refused` hears what it never will."""

    sent: list[tuple[Send, Any, Awaitable[Any]]] = field(default_factory=list)
    open: bool = True
    refused: Callable[[Exception], Awaitable[None]] | None = None

    async def send(self, send: Send, cmd: Any) -> Any:
        """Hand a message to the producer without waiting for the confirmation."""
        cmd.no_confirm = True
        confirmation = await send(cmd)
        self.sent.append((send, cmd, confirmation))
        return confirmation


current_pending: ContextVar[PendingPublishes | None] = ContextVar("current_pending", default=None)
