"""The log, told live to whoever listens: read once for all of them, in order, from where each left off."""

import asyncio
import contextlib
import logging
import weakref
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.gateway.outliving import Outlived
from services.gateway.records import LogLine
from shared.contracts.errors import Transient

log = logging.getLogger("gateway")

QUEUE = 1000  # lines that a slow page may be behind before it has to come anew
PAGE = 500
SLICE = 16  # streams that are woken together: an API call waits for no more of them than these
GATHER_S = 0.05  # what happens meanwhile is told together: a busy stack costs 20 sends a second and page, no more


class TooManyPages(Transient):
    """As many streams are open as this process takes."""


class Log(Protocol):
    """The log of the projection."""

    def head(self) -> int:
        """The number of the newest line."""
        ...

    def lines(self, after: int, limit: int = 500) -> Sequence[LogLine]:
        """Lines behind a number, in order."""
        ...


@dataclass(frozen=True)
class Interest:
    """What one listener may and wants to hear."""

    tenant: str
    product_id: str | None = None
    operator: bool = False

    def hears(self, line: LogLine) -> bool:
        """A tenant hears of its own products; what is about none (datasets, models) is for operators."""
        if line.product_id is None:
            return self.operator and self.product_id is None
        return line.tenant == self.tenant and self.product_id in (None, line.product_id)


@dataclass(eq=False)
class _Listener:
    """What waits for one stream: only what it wants to hear, so that nobody is woken by what is another's."""

    interest: Interest
    lines: list[LogLine] = field(default_factory=list)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    slow: bool = False

    def put(self, lines: Sequence[LogLine]) -> bool:
        """False for who is too far behind."""
        mine = [line for line in lines if self.interest.hears(line)]
        if mine:
            self.lines += mine
            self.woken.set()
        return len(self.lines) <= QUEUE

    def take(self) -> list[LogLine]:
        """All that has come since the last time."""
        taken, self.lines = self.lines, []
        self.woken.clear()
        return taken


class Feed:
    """Reads the log when somebody wrote to it, and every `poll_s` for what other replicas wrote."""

    def __init__(self, log: Log, *, poll_s: float = 1.0, most: int = 1000, quiet_s: float = 15.0) -> None:
        self._log = log
        self._quiet_s = quiet_s
        self._poll_s = poll_s
        self._most = most
        self._listeners: weakref.WeakSet[_Listener] = weakref.WeakSet()  # a stream that ended is forgotten
        self._wake = asyncio.Event()
        self._last = 0

    def wake(self) -> None:
        """The log has a new line."""
        self._wake.set()

    async def run(self) -> None:
        """Tell new lines until cancelled; whatever keeps the log from being read is waited out."""
        self._last = await self._head()
        while True:
            self._wake.clear()
            with Outlived(log, "the log cannot be read now"):
                await self._tell()
            with contextlib.suppress(TimeoutError):  # Python 3.11's wait_for forgets a cancellation that meets a wake
                async with asyncio.timeout(self._poll_s):
                    await self._wake.wait()
                    await asyncio.sleep(GATHER_S)

    def listen(self, interest: Interest, after: int | None) -> AsyncIterator[Sequence[LogLine]]:
        """Lines behind `after` (from now on when None), those of the past first; none when it was quiet for a while.

        Ends for who is too slow. Raises TooManyPages.
        """
        if len(self._listeners) >= self._most:
            raise TooManyPages("too_many_streams", "too many event streams are open; try again in a moment")
        listener = _Listener(interest)
        self._listeners.add(listener)
        return self._told(listener, after)

    async def _told(self, listener: _Listener, after: int | None) -> AsyncIterator[Sequence[LogLine]]:
        if after is not None and after > await asyncio.to_thread(self._log.head):
            after = 0  # a number of another database, which is gone: better all of the log than nothing for ever
        last = after if after is not None else 0
        if after is not None:
            async for page in self._past(after):
                last = page[-1].sequence
                yield [line for line in page if listener.interest.hears(line)]
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._quiet_s):
                    await listener.woken.wait()
            told = listener.take()
            if listener.slow:
                return
            yield told if not told or told[0].sequence > last else [one for one in told if one.sequence > last]

    @property
    def last(self) -> int:
        """The number of the last line told: a stream from now on hears those behind it."""
        return self._last

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return len(self._listeners)

    async def _head(self) -> int:
        while True:
            with Outlived(log, "the log cannot be read yet"):
                return await asyncio.to_thread(self._log.head)
            await asyncio.sleep(self._poll_s)

    async def _past(self, last: int) -> AsyncIterator[Sequence[LogLine]]:
        while page := await asyncio.to_thread(self._log.lines, last, PAGE):
            yield page
            last = page[-1].sequence
            if len(page) < PAGE:
                return

    async def _tell(self) -> None:
        while lines := await asyncio.to_thread(self._log.lines, self._last, PAGE):
            self._last = lines[-1].sequence
            listeners = list(self._listeners)  # who comes from now on begins behind these lines
            for first in range(0, len(listeners), SLICE):
                for slow in [one for one in listeners[first : first + SLICE] if not one.put(lines)]:
                    self._drop(slow)
                await asyncio.sleep(0)

    def _drop(self, listener: _Listener) -> None:
        """Too slow: it comes back with the number of its last line, and reads on from the log."""
        self._listeners.discard(listener)
        listener.slow, listener.lines = True, []
        listener.woken.set()
