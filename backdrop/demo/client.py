"""An ad platform inside the process: puts photos in, listens for what the services say, and follows the submission."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from backdrop.progress import DeadLetter, Progress, read_dead_letter
from shared.contracts.errors import BadRequest
from shared.contracts.events import Event
from shared.contracts.topics import TOPICS, topic_of
from shared.runtime.broker import Broker
from shared.runtime.memory_broker import MemoryLog
from shared.runtime.records import Record, headers_of

E = TypeVar("E", bound=Event)

EVENTS = {topic.name: topic.event for topic in TOPICS}
DEAD = {topic.dead: topic.name for topic in TOPICS}


class EmbeddedClient:
    """Publishes as a brand does, and hears everything that is said; `on_change` is called after each message."""

    def __init__(self, broker: Broker, log: MemoryLog, on_change: Callable[[], None]) -> None:
        self._broker = broker
        self._log = log
        self._queue = log.listen(lambda topic: topic in EVENTS or topic in DEAD)
        self._on_change = on_change
        self._changed = asyncio.Condition()
        self._began = time.monotonic()
        self.messages = 0
        self.followed: list[Progress] = []
        self.heard: list[Event] = []
        self.dead: list[DeadLetter] = []

    async def say(self, event: Event) -> None:
        """Publish an event on its topic."""
        await self._broker.publish(event, topic=topic_of(event).name)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the client came."""
        return time.monotonic() - self._began

    def follow(self, progress: Progress) -> None:
        """Tell this submission what is heard from now on."""
        self.followed.append(progress)

    async def listen(self) -> None:
        """Take in messages until cancelled."""
        while True:
            record = await self._queue.get()
            try:
                self._take(record, seconds=self.elapsed_s)
            finally:
                await self._log.finished()
            self.messages += 1
            self._on_change()
            async with self._changed:
                self._changed.notify_all()

    async def until(self, met: Callable[[], bool], *, still_s: float, what: str) -> None:
        """Wait for a condition on what was heard, as long as anything is said at all.

        Raises BadRequest `timed_out` naming what never came, after `still_s` seconds of silence.
        """
        while not met():
            heard = self.messages
            try:
                async with asyncio.timeout(still_s), self._changed:
                    await self._changed.wait_for(lambda: self.messages > heard)  # noqa: B023
            except TimeoutError as error:
                raise BadRequest("timed_out", f"{what} did not come: silence for {still_s:.0f} s") from error

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind, oldest first."""
        return [event for event in self.heard if isinstance(event, kind)]

    def _take(self, record: Record, *, seconds: float) -> None:
        if record.topic in DEAD:
            letter = read_dead_letter(DEAD[record.topic], record.value or b"", headers_of(record))
            self.dead.append(letter)
            for progress in self.followed:
                progress.hear_dead(letter, seconds=seconds)
            return
        event = EVENTS[record.topic].model_validate_json(record.value or b"")
        self.heard.append(event)
        for progress in self.followed:
            progress.hear(event, seconds=seconds)
