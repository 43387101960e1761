"""What a service knows of itself: whether its loop turns, what it waits for, whether it is told to stop."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError  # type: ignore[import-untyped]
from faststream.exceptions import NackMessage

MOST_REFUSALS = 5
OUTAGES = (KafkaTimeoutError, KafkaConnectionError)  # what aiokafka itself does not send again, but may well pass later


class Health:
    """One per service, shared by its broker, its handlers' failures and its HTTP answers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._stopping = asyncio.Event()
        self._waits: Counter[str] = Counter()
        self._started: dict[int, float] = {}
        self._numbers = itertools.count()
        self._last_tick = self.clock()
        self.failed: str | None = None

    def fail(self, reason: str) -> None:
        """Only a new process can help: `/live` says so, and whatever is uncommitted is read again by the next."""
        self.failed = self.failed or reason

    def refused(self, times: int, error: Exception) -> int:
        """Kafka refused the same thing again, after `times` refusals in a row; returns how many these are now."""
        if isinstance(error, KafkaError) and (error.retriable or isinstance(error, OUTAGES)):
            return 0
        if times + 1 >= MOST_REFUSALS:
            self.fail(f"Kafka refused the same message {times + 1} times: {error!r}")
        return times + 1

    def tick(self) -> None:
        """The event loop came by."""
        self._last_tick = self.clock()

    @property
    def seconds_since_tick(self) -> float:
        """How long the event loop has not come by."""
        return self.clock() - self._last_tick

    @property
    def oldest_handler_s(self) -> float:
        """Age of the oldest message in hand, in seconds; 0 when idle."""
        return self.clock() - min(self._started.values(), default=self.clock())

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Reasons why messages wait in place now."""
        return tuple(sorted(+self._waits))

    def begin(self) -> int:
        """A message is in hand, until `end` is called with what this returns."""
        token = next(self._numbers)
        self._started[token] = self.clock()
        return token

    def end(self, token: int) -> None:
        """It is in hand no more."""
        del self._started[token]

    @contextmanager
    def handling(self) -> Iterator[None]:
        """While a message is in hand."""
        token = self.begin()
        try:
            yield
        finally:
            self.end(token)

    @contextmanager
    def waiting(self, reason: str) -> Iterator[None]:
        """While a message waits for a dependency: the service is not ready."""
        self._waits[reason] += 1
        try:
            yield
        finally:
            self._waits[reason] -= 1

    def stop(self) -> None:
        """Wake everything that pauses: the service shuts down."""
        self._stopping.set()

    async def pause(self, seconds: float) -> None:
        """Sleep; when the service is told to stop meanwhile, leave the message uncommitted for whoever comes next."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):  # `wait_for` would swallow a cancellation beside the stop
                await self._stopping.wait()
        except TimeoutError:
            return
        raise NackMessage()
