"""A real SIGKILL in the middle of a job: another process takes it over and ends with the very same weights."""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from services.trainer.app import assemble
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import digest
from shared.contracts.events import Event, ModelTrained, TrainingProgressed, TrainingRequested
from shared.runtime.folder_blobs import FolderBlobs
from tests.fakes.dataset import put_dataset
from tests.fakes.trainer import FakeTrainer

WORKER = """
    import sys, time
    from pathlib import Path
    from services.trainer.app import assemble
    from services.trainer.settings import TrainerSettings
    from shared.runtime.folder_blobs import FolderBlobs
    from tests.fakes.trainer import FakeTrainer

    root = Path(sys.argv[1])
    settings = TrainerSettings(work=root / "first", holder="first", lease_s=1.0)
    jobs = assemble(settings, FolderBlobs(root, "backdrop"), {"product": FakeTrainer()}).jobs
    jobs.run_pending(lambda event: None, progress=lambda now: (print(now.step, flush=True), time.sleep(0.05)))
"""
ROOT = Path(__file__).parents[5]


def test_a_killed_job_is_taken_over_where_it_was(tmp_path: Path, request_for: Callable[..., TrainingRequested]) -> None:
    blobs = FolderBlobs(tmp_path, "backdrop")
    put_dataset(blobs)
    trainer, heard = FakeTrainer(), list[Event]()
    second = assemble(TrainerSettings(work=tmp_path / "second", holder="second"), blobs, {"product": trainer})
    second.accept(request_for(steps=60))
    first = _killed_after(10, tmp_path)
    while not (outcomes := second.jobs.run_pending(heard.append)):  # until the lease of the dead has ended
        time.sleep(0.1)
    (trained,) = [event for event in heard if isinstance(event, ModelTrained)]
    whole = ", ".join(str(step) for step in range(1, 61))
    assert trained.revision == digest(f"[0, [{whole}]]".encode())[:12] and outcomes[0].reason == "better"
    assert first - 1 <= trainer.steps[0] <= first + 2  # nothing was done twice but what the kill took with it
    assert [event.step for event in heard if isinstance(event, TrainingProgressed)][-1] == 60


def _killed_after(step: int, root: Path) -> int:
    """Run a worker until it reports that step, then kill it; returns the last step it told of."""
    command = [sys.executable, "-c", textwrap.dedent(WORKER), str(root)]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    told = 0
    while told < step:
        told = int(worker.stdout.readline())
    worker.send_signal(signal.SIGKILL)
    rest = worker.communicate()[0].split()
    return int(rest[-1]) if rest else told
