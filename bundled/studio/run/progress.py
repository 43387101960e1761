"""Says how far a run is and when it will be done: a line that lives on a terminal, a line a minute in a log."""

import sys
import time
from dataclasses import dataclass, field

TERMINAL_S, LOG_S = 2, 60


def progress(done: int, count: int, fresh: int, seconds: float, lost: int = 0) -> str:
    """`fresh` were drawn in these `seconds`, the rest before; `lost` will not come."""
    if fresh == 0:
        return f"{done}/{count} scenes"
    left = (count - done - lost) * seconds / fresh
    return f"{done}/{count} scenes, {_rate(fresh, seconds)}, {_time(left)} left"


def ending(done: int, count: int, fresh: int, seconds: float, lost: set[int], duplicates: int) -> str:
    parts = [f"{done}/{count} scenes"]
    parts += [f"{_rate(fresh, seconds)}, {fresh} in {_time(seconds)}"] if fresh else ["nothing was left to draw"]
    if duplicates:
        parts.append(f"{duplicates} left out as the same picture as another")
    if lost:
        parts.append(f"{len(lost)} given up, which ended their worker twice: {', '.join(map(str, sorted(lost)))}")
    return "; ".join(parts)


def _rate(fresh: int, seconds: float) -> str:
    return f"{3600 * fresh / seconds:.0f} an hour"


def _time(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min"


@dataclass
class RunReporter:
    """The pace is that of this run: what an earlier one drew took none of its time."""

    count: int
    had: int
    started: float = field(default_factory=time.monotonic)
    told: float | None = None

    def tell(self, done: int, lost: int) -> None:
        terminal = sys.stdout.isatty()
        now = time.monotonic()
        if self.told is not None and now - self.told < (TERMINAL_S if terminal else LOG_S):
            return
        self.told = now
        line = progress(done, self.count, done - self.had, now - self.started, lost)
        print(f"\r{line}  " if terminal else line, end="" if terminal else "\n", flush=True)

    def finish(self, done: int, lost: set[int], duplicates: int) -> None:
        self.say(ending(done, self.count, done - self.had, time.monotonic() - self.started, lost, duplicates))

    def say(self, text: str) -> None:
        print(f"\n{text}" if sys.stdout.isatty() else text, flush=True)
