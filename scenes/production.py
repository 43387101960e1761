"""Many scenes without a person watching: parallel by process, resumable, a killed worker loses one scene."""

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scenes.ledger import packed, promise, seen
from scenes.samples import Sample
from scenes.shards import Manifest, NoSpace, write_whole

SHARD_SAMPLES = 100
TRIES = 2
CANNOT_START = 3  # the renderer cannot start at all: trying again would not help
Draw = Callable[[int], Sample]


@dataclass(frozen=True)
class Order:
    kind: str
    count: int
    folder: Path
    seed: int = 1
    workers: int = 1
    size: int = 256
    samples: int = 4

    @property
    def tray(self) -> Path:
        """Finished samples wait here, one file each, until a shard is full."""
        return self.folder / ".tray"

    def arguments(self) -> list[str]:
        names = ("kind", "count", "seed", "size", "samples", "workers")
        words = [word for name in names for word in (f"--{name}", str(getattr(self, name)))]
        return [*words, "--out", str(self.folder)]


def drawn(tray: Path) -> set[int]:
    return {int(path.stem) for path in tray.glob("*.sample")}


def work(order: Order, worker: int, draw: Draw) -> None:
    """Draw every scene that is this worker's and is not there yet; give up on one that failed before."""
    done = drawn(order.tray) | packed(order.folder)
    for index in range(worker, order.count, order.workers):
        if index in done or not _first_try(order, index):
            continue
        write_whole(order.tray / f"{index}.sample", pickle.dumps(draw(index)))
        _tried(order, index).unlink()


def _tried(order: Order, index: int) -> Path:
    return order.tray / f"{index}.tried"


def _first_try(order: Order, index: int) -> bool:
    """Twice at most: what kills the renderer twice would kill it for ever."""
    mark = _tried(order, index)
    tries = len(mark.read_text()) if mark.exists() else 0
    mark.write_text("x" * (tries + 1))
    return tries < TRIES


def pack(order: Order, manifest: Manifest, last: bool) -> None:
    """Full trays become shards; at the end the rest does too."""
    waiting = sorted(drawn(order.tray))
    while len(waiting) >= SHARD_SAMPLES or (last and waiting):
        batch, waiting = waiting[:SHARD_SAMPLES], waiting[SHARD_SAMPLES:]
        _pack_one(order, manifest, batch)


def _pack_one(order: Order, manifest: Manifest, batch: list[int]) -> None:
    fresh = sorted(set(batch) - packed(order.folder))
    samples = [pickle.loads((order.tray / f"{index}.sample").read_bytes()) for index in fresh]  # our own files
    kept = list(_unlike(samples, seen(order.folder)))
    manifest.dropped["duplicate"] += len(samples) - len(kept)
    if kept:
        promise(order.folder, manifest.next_shard, fresh, [sample.digest for sample in kept])
        manifest.add_shard(kept)
    for index in batch:
        (order.tray / f"{index}.sample").unlink()


def _unlike(samples: list[Sample], known: set[str]) -> Iterator[Sample]:
    """The same picture never goes in twice."""
    for sample in samples:
        if sample.digest not in known:
            known.add(sample.digest)
            yield sample


def manifest_of(order: Order, tool: str) -> Manifest:
    lineage = {"seed": order.seed, "tool": tool, "size": order.size, "samples_per_pixel": order.samples}
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(order.folder, f"studio-{order.kind}", order.kind, created, lineage).load()


def run(order: Order, tool: str) -> None:
    """Starts the workers, packs what they finish, starts again one that died, says how long it will take."""
    _prepare(order)
    manifest = manifest_of(order, tool)
    manifest.save()
    workers = {number: _start(order, number) for number in range(order.workers)}
    try:
        _watch(order, manifest, workers)
    finally:
        for worker in workers.values():
            worker.terminate()
    pack(order, manifest, last=True)


def _watch(order: Order, manifest: Manifest, workers: dict[int, subprocess.Popen[bytes]]) -> None:
    started, had, told = time.monotonic(), len(drawn(order.tray) | packed(order.folder)), 0.0
    while workers:
        time.sleep(2)
        pack(order, manifest, last=False)
        _tend(order, workers)
        if time.monotonic() - told > (2 if sys.stdout.isatty() else 60):
            told = time.monotonic()
            _report(order, started, had)


def _prepare(order: Order) -> None:
    try:
        order.tray.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoSpace(f"cannot write to {order.folder}: {error.strerror}; give another folder") from error


def _start(order: Order, number: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "scenes", *order.arguments(), "--worker", str(number)]
    return subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})


def _tend(order: Order, workers: dict[int, subprocess.Popen[bytes]]) -> None:
    for number, worker in list(workers.items()):
        if worker.poll() is None:
            continue
        del workers[number]
        if worker.returncode == 0:
            continue
        if worker.returncode == CANNOT_START:
            raise SystemExit(worker.returncode)
        print(f"\nworker {number} ended with {worker.returncode}; starting it again", flush=True)
        workers[number] = _start(order, number)


def _report(order: Order, started: float, had: int) -> None:
    done = len(drawn(order.tray) | packed(order.folder))
    line = progress(done, order.count, done - had, time.monotonic() - started)
    print(f"\r{line}  " if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True)


def progress(done: int, count: int, fresh: int, seconds: float) -> str:
    if fresh == 0:
        return f"{done}/{count} scenes"
    left = (count - done) * seconds / fresh
    hours, minutes = divmod(round(left / 60), 60)
    return f"{done}/{count} scenes, {3600 * fresh / seconds:.0f} an hour, {hours} h {minutes:02d} min left"
