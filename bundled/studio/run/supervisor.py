"""The workers as the parent sees them: started, watched, ended when they hang, started again, given up in the end."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bundled.studio.run.spool import At, Spool

CANNOT_START = 3  # a worker ends with this when trying again would not help; it has said why
START_S = 120  # the renderer's first start comes from a cold disk
ENDS = 6  # so often in a row without one finished scene: it is not the scenes
Process = subprocess.Popen[bytes]


class Hopeless(RuntimeError):
    """The workers cannot go on; the message says what is known."""


@dataclass
class Worker:
    process: Process
    since: float  # when it was started, or first seen at the scene it is at
    seen: At | None = None
    ends: int = 0  # since it last finished a scene
    blamed: list[int] = field(default_factory=list)  # the scenes it was at when it ended


class Supervisor:
    def __init__(
        self,
        spool: Spool,
        start: Callable[[int], Process],
        *,
        limit: float,
        say: Callable[[str], None] = print,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spool, self._start, self._limit, self._say, self._clock = spool, start, limit, say, clock
        self.workers: dict[int, Worker] = {}

    def begin(self, workers: int) -> None:
        for number in range(workers):
            self._spool.leave(number)  # a mark of an earlier run blames nobody
            self.workers[number] = Worker(self._start(number), self._clock())

    def tend(self) -> bool:
        """Look after each worker once; says whether any is still at work."""
        for number, worker in list(self.workers.items()):
            status = worker.process.poll()
            if status == 0:
                del self.workers[number]
            elif status is not None:
                self._ended(number, worker, f"ended with status {status}")
            elif self._hangs(number, worker):
                _end(worker.process)
                self._ended(number, worker, f"finished nothing for {self._patience(worker.seen):.0f} s and was ended")
        return bool(self.workers)

    def end(self) -> None:
        """Kill, not ask: the renderer does not listen in the middle of a scene, and every file is whole or absent."""
        for worker in self.workers.values():
            worker.process.kill()
        for worker in self.workers.values():
            worker.process.wait()

    def _hangs(self, number: int, worker: Worker) -> bool:
        at = self._spool.at(number)
        if at != worker.seen:
            worker.seen, worker.since = at, self._clock()
        return self._clock() - worker.since > self._patience(at)

    def _patience(self, at: At | None) -> float:
        return self._limit if at else max(self._limit, START_S)

    def _ended(self, number: int, worker: Worker, how: str) -> None:
        if worker.process.returncode == CANNOT_START:
            raise Hopeless("stopped, for the reason above; what is finished stays, and the same command carries on")
        at = self._spool.at(number)
        if at is not None and at.finished:
            worker.ends, worker.blamed = 0, []
        worker.ends += 1
        self._say(f"worker {number} {how}{self._blame(worker, at)}")
        if worker.ends >= ENDS:
            self._despair(number, worker)
        self._spool.leave(number)
        self.workers[number] = Worker(self._start(number), self._clock(), ends=worker.ends, blamed=worker.blamed)

    def _blame(self, worker: Worker, at: At | None) -> str:
        if at is None:
            return " before its first scene; starting it again"
        worker.blamed.append(at.scene)
        last = self._spool.fail(at.scene)
        return f" at scene {at.scene}; " + ("that scene is left out" if last else "starting it again")

    def _despair(self, number: int, worker: Worker) -> None:
        for scene in worker.blamed:
            self._spool.forgive(scene)
        raise Hopeless(
            f"worker {number} ended {worker.ends} times without finishing a scene, so trying again would not help; its"
            " own messages are above.\nWhat is finished stays, and the same command carries on once it is mended."
        )


def _end(process: Process) -> None:
    process.kill()
    process.wait()
