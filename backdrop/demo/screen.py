"""What a person sees while it runs: bars with the time left in a terminal, plain lines everywhere else."""

import os
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

PLAIN_EVERY_S = 10.0


class PatientConsole(Console):
    """Who reads it may go, as `| head` does: the run goes on in silence, and what it makes is written."""

    def on_broken_pipe(self) -> None:
        """Say no more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class Screen:
    """Named counters, each `done` of `total`; the caller says where they stand, the screen how to show it."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self._clock = clock
        self._bars = Progress(
            TextColumn("  {task.description:<24}"),
            BarColumn(bar_width=36),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, float] = {}
        self._said: dict[str, tuple[float, int]] = {}

    def __enter__(self) -> "Screen":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def say(self, line: str) -> None:
        """A line that stays."""
        self.console.print(line, highlight=False)

    def show(self, name: str, done: int, total: int) -> None:
        """Where a counter stands now."""
        self._started.setdefault(name, self._clock())
        if not self.console.is_terminal:
            self._say_plainly(name, done, total)
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        self._bars.update(self._tasks[name], completed=done, total=total)

    def _say_plainly(self, name: str, done: int, total: int) -> None:
        """At the start, at the end and every few seconds in between."""
        now = self._clock()
        said_at, said = self._said.get(name, (0.0, -1))
        due = now - said_at >= PLAIN_EVERY_S or done == total
        if done == said or not due:
            return
        self._said[name] = (now, done)
        elapsed = now - self._started[name]
        left = f", about {_clock(elapsed / done * (total - done))} left" if 0 < done < total else ""
        self.say(f"  {name}: {done} of {total}{left}")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
