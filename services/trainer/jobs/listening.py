"""What a worker does while a trainer reports: it keeps the lease and the checkpoints, and passes news on at a pace."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.trainer.core import Progress
from services.trainer.jobs.checkpoint_store import Checkpoints
from services.trainer.jobs.ledger import Lease, LeaseLost
from shared.contracts.blobs import BlobRef, job_prefix
from shared.contracts.events import Event, TrainingProgressed, TrainingRequested

Announce = Callable[[Event], None]


@dataclass
class ProgressPace:
    """Lets progress through every `every_s` seconds and every `share` of the run, and always the end."""

    clock: Callable[[], float]
    every_s: float = 2.0
    share: float = 0.1
    _said_at: float = float("-inf")
    _said_part: int = -1

    def due(self, now: Progress) -> bool:
        """Whether this progress is worth a message."""
        part = int(now.step / now.steps / self.share + 1e-9)
        if part == self._said_part and self.clock() - self._said_at < self.every_s:
            return False
        self._said_at, self._said_part = self.clock(), part
        return True


@dataclass(frozen=True)
class Listener:
    """Hears a trainer's progress: ends the run when it must end, saves checkpoints, passes news on."""

    lease: Lease
    checkpoints: Checkpoints
    request: TrainingRequested
    announce: Announce
    progress: Callable[[Progress], None]
    pace: ProgressPace

    def __call__(self, now: Progress) -> None:
        if self.lease.lost.is_set():
            raise LeaseLost("lease_lost", f"another worker has taken job `{self.request.job_id}` over")
        if self.checkpoints.save():
            self.lease.renew()
        self.progress(now)
        if self.pace.due(now) or now.validation_loss is not None:
            self.announce(self._event(now))

    def _event(self, now: Progress) -> TrainingProgressed:
        finite = now.validation_loss is not None and math.isfinite(now.validation_loss)
        return TrainingProgressed(
            job_id=self.request.job_id,
            stage=self.request.stage,
            step=now.step,
            steps=now.steps,
            loss=now.loss,
            samples_per_s=max(0.0, now.samples_per_s),
            validation_loss=now.validation_loss if finite else None,
            validation=tuple(self._stored(now.step, path) for path in now.pictures),
        )

    def _stored(self, step: int, path: Path) -> BlobRef:
        key = f"{job_prefix(self.request.job_id)}validation/{step:07d}-{path.name}"
        return self.checkpoints.blobs.put(key, path.read_bytes(), "image/png")
