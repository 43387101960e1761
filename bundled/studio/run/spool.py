"""Where finished samples wait for their shard, one file each, beside the marks of what the workers are at."""

import pickle
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bundled.studio.plan.samples import StudioSample
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.shards import write_whole

TRIES = 2  # what ends the renderer twice would end it for ever


@dataclass(frozen=True)
class At:
    """The scene that a worker is at, and how many it finished since it started."""

    scene: int
    finished: int


@dataclass(frozen=True)
class Spool:
    folder: Path

    def drawn(self) -> set[int]:
        return {int(path.stem) for path in self.folder.glob("*.sample")}

    def keep(self, scene: int, sample: StudioSample) -> None:
        write_whole(self._sample(scene), pickle.dumps(sample))
        self._tried(scene).unlink(missing_ok=True)

    def sample(self, scene: int) -> StudioSample:
        return pickle.loads(self._sample(scene).read_bytes())  # our own files

    def discard(self, scene: int) -> None:
        self._sample(scene).unlink(missing_ok=True)

    @property
    def scratch(self) -> Path:
        """Where the renderer keeps its passing files: what a killed one leaves goes with the next sweep."""
        return self.folder / "scratch"

    def sweep(self) -> None:
        """What a killed worker or run left half-written."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        for path in (*self.folder.glob(".*.part"), *self.folder.parent.glob(".shard-*.part")):
            path.unlink(missing_ok=True)

    def begin(self, worker: int, at: At) -> None:
        write_whole(self._mark(worker), f"{at.scene} {at.finished}".encode(), lasting=False)

    def at(self, worker: int) -> At | None:
        words = _read(self._mark(worker)).split()
        return At(int(words[0]), int(words[1])) if words else None

    def leave(self, worker: int) -> None:
        self._mark(worker).unlink(missing_ok=True)

    def fail(self, scene: int) -> bool:
        """One more try that ended its worker; says whether it was the last."""
        tries = self._tries(scene) + 1
        write_whole(self._tried(scene), b"x" * tries)
        return tries >= TRIES

    def forgive(self, scene: int) -> None:
        self._tried(scene).unlink(missing_ok=True)

    def given_up(self) -> set[int]:
        tried = {int(path.stem) for path in self.folder.glob("*.tried")}
        return {scene for scene in tried if self._tries(scene) >= TRIES} - self.drawn()

    def _tries(self, scene: int) -> int:
        return len(_read(self._tried(scene)))

    def _sample(self, scene: int) -> Path:
        return self.folder / f"{scene}.sample"

    def _tried(self, scene: int) -> Path:
        return self.folder / f"{scene}.tried"

    def _mark(self, worker: int) -> Path:
        return self.folder / f"worker-{worker}"


def _read(mark: Path) -> str:
    """Workers take marks away at any moment: one that is gone says nothing."""
    with suppress(FileNotFoundError):
        return mark.read_text()
    return ""


def spool_of(order: DrawingOrder) -> Spool:
    return Spool(order.folder / ".spool")
