"""The log, told live to whoever listens: read once for all of them, in order, from where each left off."""

import asyncio
import contextlib
import logging
import weakref
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.gateway.records import LogLine
from shared.contracts.errors import BackdropError, Transient

log = logging.getLogger("gateway")

QUEUE = 1000  # lines that a slow page may be behind before it has to come anew
PAGE = 500


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
    queue: "asyncio.Queue[LogLine | None]" = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def put(self, line: LogLine) -> bool:
        try:
            self.queue.put_nowait(line)
        except asyncio.QueueFull:
            return False
        return True


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
        """Tell new lines until cancelled; an outage of the database is waited out."""
        self._last = await self._head()
        while True:
            self._wake.clear()
            try:
                await self._tell()
            except BackdropError as error:
                log.warning("the log cannot be read now: %s", error.message)
            with contextlib.suppress(TimeoutError):  # Python 3.11's wait_for forgets a cancellation that meets a wake
                async with asyncio.timeout(self._poll_s):
                    await self._wake.wait()

    def listen(self, interest: Interest, after: int | None) -> AsyncIterator[LogLine | None]:
        """Lines behind `after` (from now on when None), those of the past first; None when it was quiet for a while.

        Ends for who is too slow. Raises TooManyPages.
        """
        if len(self._listeners) >= self._most:
            raise TooManyPages("too_many_streams", "too many event streams are open; try again in a moment")
        listener = _Listener()
        self._listeners.add(listener)
        return self._told(listener, interest, after)

    async def _told(self, listener: _Listener, interest: Interest, after: int | None) -> AsyncIterator[LogLine | None]:
        if after is not None and after > await asyncio.to_thread(self._log.head):
            after = 0  # a number of another database, which is gone: better all of the log than nothing for ever
        last = after if after is not None else 0
        if after is not None:
            async for line in self._past(after):
                last = line.sequence
                if interest.hears(line):
                    yield line
        while True:
            try:
                told = await asyncio.wait_for(listener.queue.get(), self._quiet_s)
            except TimeoutError:
                yield None
                continue
            if told is None:
                return
            if told.sequence > last and interest.hears(told):
                yield told

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
            try:
                return await asyncio.to_thread(self._log.head)
            except BackdropError as error:
                log.warning("the log cannot be read yet: %s", error.message)
                await asyncio.sleep(self._poll_s)

    async def _past(self, last: int) -> AsyncIterator[LogLine]:
        while True:
            page = await asyncio.to_thread(self._log.lines, last, PAGE)
            for line in page:
                yield line
                last = line.sequence
            if len(page) < PAGE:
                return

    async def _tell(self) -> None:
        while lines := await asyncio.to_thread(self._log.lines, self._last, PAGE):
            for line in lines:
                self._last = line.sequence
                for slow in [one for one in list(self._listeners) if not one.put(line)]:
                    self._drop(slow)

    def _drop(self, listener: _Listener) -> None:
        """Too slow: it comes back with the number of its last line, and reads on from the log."""
        self._listeners.discard(listener)
        while not listener.queue.empty():
            listener.queue.get_nowait()
        listener.queue.put_nowait(None)
