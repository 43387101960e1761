"""An ad platform beside the embedded stack: publishes photos, hears what the services say, follows submissions."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from backdrop.demo.background import BackgroundStack
from backdrop.demo.patience import SilenceLimit
from backdrop.submitting.progress import GivenUpMessage, Silence, SubmissionProgress, read_dead_letter
from shared.contracts.events import Event
from shared.contracts.topics import TOPICS
from shared.runtime.records import Record, headers_of

E = TypeVar("E", bound=Event)

EVENTS = {topic.name: topic.event for topic in TOPICS}
DEAD = {topic.dead: topic.name for topic in TOPICS}
LOOK_S = 0.2


def hears(topic: str) -> bool:
    """Whether a topic tells the client something: every event, every dead letter, no retry."""
    return topic in EVENTS or topic in DEAD


class EmbeddedClient:
    """Publishes as a brand does, and hears everything that is said; `on_change` is called after each message."""

    def __init__(self, stack: BackgroundStack, patience: SilenceLimit, on_change: Callable[[], None]) -> None:
        self._stack = stack
        self._patience = patience
        self._on_change = on_change
        self._began = time.monotonic()
        self.followed: list[SubmissionProgress] = []
        self.heard: list[Event] = []
        self.dead: list[GivenUpMessage] = []

    def publish(self, events: Iterable[Event]) -> None:
        """Publish events on their topics. Raises StackFailed, Silence."""
        self._stack.publish(events)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the client came."""
        return time.monotonic() - self._began

    def follow(self, progress: SubmissionProgress) -> None:
        """Tell this submission what is heard from now on."""
        self.followed.append(progress)

    def until(self, met: Callable[[], bool], *, what: str, still_s: float | None = None) -> None:
        """Wait for a condition on what was heard, as long as anything is said at all.

        Raises Silence, naming `what` never came, after `still_s` seconds without a message (the client's patience
        when absent), and StackFailed.
        """
        quiet_since = time.monotonic()
        while not met():
            record = self._stack.next(timeout_s=LOOK_S)
            quiet_s = time.monotonic() - quiet_since
            if record is not None:
                self._patience.heard_after(quiet_s)
                quiet_since = time.monotonic()
                self._take(record)
            elif quiet_s > (limit_s := self._patience.limit_s if still_s is None else still_s):
                raise Silence("silence", f"{what} did not come: nothing was heard for {limit_s:.0f} s")

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind, oldest first."""
        return [event for event in self.heard if isinstance(event, kind)]

    def _take(self, record: Record) -> None:
        if record.topic in DEAD:
            letter = read_dead_letter(DEAD[record.topic], record.value or b"", headers_of(record))
            self.dead.append(letter)
            for progress in self.followed:
                progress.hear_dead(letter, seconds=self.elapsed_s)
        else:
            event = EVENTS[record.topic].model_validate_json(record.value or b"")
            self.heard.append(event)
            for progress in self.followed:
                progress.hear(event, seconds=self.elapsed_s)
        self._on_change()
