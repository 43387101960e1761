"""Several processes for one training, on one machine: one per GPU, or per core. Each is `process.py`, in step."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty, Queue

from services.trainer.core import Progress, Stopped, TrainedModel, TrainingPlan, nobody
from services.trainer.model.examining.critics import Critics
from services.trainer.model.means import Means
from services.trainer.model.running import process
from shared.contracts.errors import Permanent, Transient

LOOK_S, WITHDRAWN_S = 0.2, 15.0  # how often it is asked whether to stop, and who was withdrawn
GRACE_S = 60.0  # for a step to end once it shall stop


@dataclass(frozen=True)
class SeveralProcesses:
    """A trainer of the stages that paint; `count` processes share every batch by accelerate."""

    count: int
    means: Means = field(default_factory=Means)
    critics: Critics | None = None
    paints: int = 8
    threads: int | None = None

    def train(
        self,
        plan: TrainingPlan,
        samples: Path,
        work: Path,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool] = lambda: False,
        withdrawn: Callable[[], Collection[str]] = nobody,
    ) -> TrainedModel:
        """As `DiffusionTrainer.train`; raises Transient when a process ended without a word."""
        folder = work / "processes"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / process.JOB).write_text(json.dumps(self._job(plan, samples, work)))
        with (folder / "log").open("w") as log:
            running = subprocess.Popen(self._command(folder), stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                self._attend(running, folder, progress, stop, withdrawn)
            finally:
                _end(running, folder)
        return _ended(folder)

    def _job(self, plan: TrainingPlan, samples: Path, work: Path) -> dict[str, object]:
        means = {name: value for name, value in asdict(self.means).items() if name != "ranks"}
        means["board"] = str(self.means.board) if self.means.board else None
        critics = [str(self.critics.judge), str(self.critics.probe)] if self.critics else None
        return {
            "plan": process.plan_to(plan),
            "means": means,
            "critics": critics,
            "paints": self.paints,
            "threads": self.threads,
            "samples": str(samples),
            "work": str(work),
        }

    def _command(self, folder: Path) -> list[str]:
        launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(self.count)]
        return [*launcher, "-m", "services.trainer.model.running.process", str(folder / process.JOB)]

    def _attend(
        self,
        running: subprocess.Popen[str],
        folder: Path,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool],
        withdrawn: Callable[[], Collection[str]],
    ) -> None:
        lines: Queue[str] = Queue()
        threading.Thread(target=_read, args=(running, lines), daemon=True).start()
        asked_at = float("-inf")
        while running.poll() is None or not lines.empty():
            if stop():
                return
            if time.monotonic() - asked_at > WITHDRAWN_S:
                _note(folder, withdrawn())
                asked_at = time.monotonic()
            try:
                line = lines.get(timeout=LOOK_S)
            except Empty:
                continue
            if line.startswith("{"):
                progress(process.heard(line))


def _read(running: subprocess.Popen[str], lines: Queue[str]) -> None:
    assert running.stdout is not None
    for line in running.stdout:
        lines.put(line)


def _note(folder: Path, withdrawn: Collection[str]) -> None:
    draft = folder / f"{process.WITHDRAWN}.part"
    draft.write_text(json.dumps(sorted(withdrawn)))
    draft.replace(folder / process.WITHDRAWN)


def _end(running: subprocess.Popen[str], folder: Path) -> None:
    """See the processes off: they stop after their step, or when told to, or are stopped, after `GRACE_S` each."""
    if running.poll() is None:
        (folder / process.STOP).touch()
    for harder in (running.terminate, running.kill):
        try:
            running.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            harder()
    running.wait()


def _ended(folder: Path) -> TrainedModel:
    path = folder / process.ENDED
    if not path.exists():
        words = (folder / "log").read_text(errors="replace")[-2000:]
        raise Transient("process_ended", f"a process of the training ended without a word: {words}")
    ended = json.loads(path.read_text())
    if "reason" in ended:
        raise Permanent(ended["reason"], ended["message"])
    if "model" not in ended:
        raise Stopped
    return process.model_of(ended["model"])
