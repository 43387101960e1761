"""The checkpoint of a job in the blob store: one object per lease, replaced whole, so that none pile up or mix.

A worker that lost its lease can only spoil its own object; the newest lease's is the one that counts.
"""

from dataclasses import dataclass, field
from pathlib import Path

from services.trainer.core import CHECKPOINT
from services.trainer.jobs.ledger import Lease
from shared.contracts.blobs import BlobStore, job_prefix


@dataclass
class Checkpoints:
    """The checkpoints of one job, seen by one holder of its lease. `work` is the trainer's local folder."""

    blobs: BlobStore
    lease: Lease
    work: Path
    _seen: tuple[int, int] = field(default=(0, 0))

    @property
    def _prefix(self) -> str:
        return f"{job_prefix(self.lease.job_id)}checkpoints/"

    def save(self) -> bool:
        """Upload the local checkpoint if the trainer has replaced it since; True when it was uploaded."""
        path = self.work / CHECKPOINT
        if not path.exists() or self._state(path) == self._seen:
            return False
        self.lease.check()
        seen = self._state(path)
        self.blobs.put(f"{self._prefix}{self.lease.token:06d}.pt", path.read_bytes(), "application/octet-stream")
        self._seen = seen
        return True

    def restore(self) -> bool:
        """Bring the newest checkpoint into `work`; False when the job has none yet."""
        keys = list(self.blobs.keys(self._prefix))
        if not keys:
            return False
        self.work.mkdir(parents=True, exist_ok=True)
        path = self.work / CHECKPOINT
        path.write_bytes(self.blobs.get(keys[-1]))
        self._seen = self._state(path)
        return True

    def _state(self, path: Path) -> tuple[int, int]:
        state = path.stat()
        return state.st_mtime_ns, state.st_ino
