"""The embedded stack in a thread of its own, so that whoever waits for it can always stop waiting."""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import CancelledError, Future, wait
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from backdrop.submitting.progress import Silence
from deploy.embedded.running import Dataset, EmbeddedStack
from deploy.embedded.stopping import heed
from shared.contracts.errors import BackdropError
from shared.contracts.events import Event
from shared.contracts.topics import topic_of
from shared.runtime.memory.broker import MemoryLog
from shared.runtime.records import Record

T = TypeVar("T")

Opened = Callable[[], AbstractAsyncContextManager[EmbeddedStack]]
Hears = Callable[[str], bool]

LOOK_S = 0.2
HEAR_MS = 1000
ANSWER_S = 30.0  # the longest of these calls makes a dataset, which takes a second


class StackFailed(BackdropError):
    """The services did not start, or their event loop ended."""


class BackgroundStack:
    """Runs a stack on an event loop in a daemon thread; every call from outside has an end.

    A service that never returns to its event loop holds up that thread and no other. `hears` says of which topics
    `next` shall tell, `answer_s` how long a call waits for the event loop. Whoever waits asks `heed` again and again,
    which raises to end the waiting.
    """

    def __init__(
        self, opened: Opened, hears: Hears, *, answer_s: float = ANSWER_S, heed: Callable[[], None] = heed
    ) -> None:
        self._answer_s = answer_s
        self._heed = heed
        self._opened = opened
        self._hears = hears
        self._records: queue.Queue[Record] = queue.Queue()
        self._up = threading.Event()
        self._error: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="embedded-stack", daemon=True)
        self._stack: EmbeddedStack | None = None
        self._end: asyncio.Event | None = None

    def start(self, *, patience_s: float) -> None:
        """Load everything. Raises StackFailed with the reason when a service cannot start, Silence when none says."""
        self._thread.start()
        limit = time.monotonic() + patience_s
        while not self._up.wait(LOOK_S):
            self._heed()
            self._check()
            if time.monotonic() > limit:
                raise Silence("silence", f"the models were not loaded in {patience_s:.0f} s")
        self._check()

    def next(self, *, timeout_s: float) -> Record | None:
        """The next message, or None when there is none for so long. Raises StackFailed."""
        self._heed()
        try:
            return self._records.get(timeout=timeout_s)
        except queue.Empty:
            self._check()
            return None

    def publish(self, events: Iterable[Event]) -> None:
        """Publish events in order. Raises StackFailed, Silence."""
        stack = self._running()

        async def each() -> None:
            for event in events:
                await stack.broker.publish(event, topic=topic_of(event).name)

        self._call(each(), what="the broker")

    def release(self, dataset: Dataset = "product") -> None:
        """Make and announce a dataset of what is kept so far. Raises StackFailed, Silence, what the curator raises."""
        self._call(self._running().release(dataset), what="the curator")  # type: ignore[arg-type]

    def mine(self) -> None:
        """Mine and announce the styles that people like by now. Raises as `release` does."""
        self._call(self._running().mine(), what="the curator")  # type: ignore[arg-type]

    def settled(self) -> bool:
        """Wait a while until every message was handled; whether it was."""
        try:
            self._call(self._running().log.settled(self._answer_s / 2), what="the broker")
        except TimeoutError:
            return False
        return True

    def stop(self, *, patience_s: float) -> None:
        """Stop every service, and wait so long for it. Threads that do not hear it go on."""
        if self._end is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                self._loop.call_soon_threadsafe(self._end.set)
        if self._thread.ident is not None:
            self._thread.join(patience_s)

    def _running(self) -> EmbeddedStack:
        self._check()
        if self._stack is None:
            raise StackFailed("stack_failed", "the services have not started")
        return self._stack

    def _check(self) -> None:
        if self._error is not None:
            notes = "; ".join(getattr(self._error, "__notes__", ())) or "the services ended"
            words = f"{notes}: {self._error or type(self._error).__name__}"
            raise StackFailed("stack_failed", words) from self._error

    def _call(self, coroutine: Coroutine[Any, Any, T], *, what: str) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        limit = time.monotonic() + self._answer_s
        try:
            while not wait((future,), LOOK_S).done:
                self._heed()
                if time.monotonic() > limit:
                    raise Silence("silence", f"{what} did not answer in {self._answer_s:.0f} s")
            return future.result()
        except CancelledError as error:
            raise StackFailed("stack_failed", f"the services ended before {what} answered") from error
        finally:
            future.cancel()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._error = error

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        async with self._opened() as stack:
            hearing = asyncio.create_task(self._hear(stack.log))
            await asyncio.sleep(0)  # it listens before anything can be published
            self._stack = stack
            self._up.set()
            try:
                await self._end.wait()
            finally:
                hearing.cancel()

    async def _hear(self, log: MemoryLog) -> None:
        consumer = log.listen(self._hears)
        while True:
            for (record,) in (await consumer.getmany(timeout_ms=HEAR_MS, max_records=1)).values():
                self._records.put(record)
