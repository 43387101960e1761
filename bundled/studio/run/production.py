"""Many scenes without a person watching: parallel by process, resumable, a killed worker loses one scene."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.packing import Packer, manifest_of
from bundled.studio.run.progress import RunReporter
from bundled.studio.run.selection import selected
from bundled.studio.run.shards import make_folder
from bundled.studio.run.spool import spool_of
from bundled.studio.run.supervisor import Supervisor

STUDIO = (sys.executable, "-m", "bundled.studio")
LOOK_S = 0.25


class FolderTaken(RuntimeError):
    """Another run is at work in the same folder."""


def run(order: DrawingOrder, tool: str, command: Sequence[str] = STUDIO) -> None:
    """Has the order drawn by workers that `command` starts, and packs what they finish."""
    make_folder(spool_of(order).folder)
    with _alone(order.folder), _stoppable():
        packer = Packer(order, manifest_of(order, tool))
        packer.manifest.save()
        packer.spool.sweep()
        selected(order)
        reporter = RunReporter(order.count, packer.done())
        _draw_all(order, packer, reporter, command)
        packer.pack(last=True)
        packer.spool.sweep()
        reporter.finish(packer.done(), packer.given_up(), packer.manifest.dropped["duplicate"])


def _draw_all(order: DrawingOrder, packer: Packer, reporter: RunReporter, command: Sequence[str]) -> None:
    def start(number: int) -> subprocess.Popen[bytes]:
        whole = [*command, *order.arguments(), f"--worker={number}", f"--parent={os.getpid()}"]
        # a process group of its own: Ctrl-C goes to the parent alone, which ends the workers
        own = {"OMP_NUM_THREADS": "1", "TMPDIR": str(packer.spool.scratch.resolve())}
        return subprocess.Popen(whole, env={**os.environ, **own}, process_group=0)

    supervisor = Supervisor(packer.spool, start, limit=order.limit, say=reporter.say)
    try:
        supervisor.begin(order.workers if packer.left() else 0)
        while packer.left() and supervisor.tend():  # how the workers end when all is drawn does not matter
            packer.pack(last=False)
            reporter.tell(packer.done(), len(packer.given_up()))
            time.sleep(LOOK_S)
    finally:
        supervisor.end()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs in one folder would write each other's shards over; the lock goes with the process, however it ends."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderTaken(f"another run is at work in {folder}; wait for it, or give another folder") from error
        yield


@contextmanager
def _stoppable() -> Iterator[None]:
    """A polite end and a closed terminal stop the run as Ctrl-C does; what `nohup` ignores stays ignored."""
    signals = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) == signal.SIG_DFL]
    for one in signals:
        signal.signal(one, signal.default_int_handler)
    try:
        yield
    finally:
        for one in signals:
            signal.signal(one, signal.SIG_DFL)
