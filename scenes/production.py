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

from scenes.samples import Sample
from scenes.shards import Manifest, write_whole

SHARD_SAMPLES = 100
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
        names = ("kind", "count", "folder", "seed", "size", "samples")
        return [word for name in names for word in (f"--{name}", str(getattr(self, name)))]


def drawn(tray: Path) -> set[int]:
    return {int(path.stem) for path in tray.glob("*.sample")}


def work(order: Order, worker: int, draw: Draw) -> None:
    """Draw every scene that is this worker's and is not there yet."""
    done = drawn(order.tray) | packed(order)
    for index in range(worker, order.count, order.workers):
        if index in done:
            continue
        write_whole(order.tray / f"{index}.sample", pickle.dumps(draw(index)))


def packed(order: Order) -> set[int]:
    """Scenes that are in a shard already."""
    ledger = order.folder / ".packed"
    return {int(line) for line in ledger.read_text().split()} if ledger.exists() else set()


def pack(order: Order, manifest: Manifest, last: bool) -> None:
    """Full trays become shards; at the end the rest does too."""
    waiting = sorted(drawn(order.tray))
    while len(waiting) >= SHARD_SAMPLES or (last and waiting):
        batch, waiting = waiting[:SHARD_SAMPLES], waiting[SHARD_SAMPLES:]
        _pack_one(order, manifest, batch)


def _pack_one(order: Order, manifest: Manifest, batch: list[int]) -> None:
    samples = [pickle.loads((order.tray / f"{index}.sample").read_bytes()) for index in batch]
    manifest.add_shard(list(_unlike(samples, order, manifest)))
    ledger = packed(order) | set(batch)
    write_whole(order.folder / ".packed", "\n".join(map(str, sorted(ledger))).encode())
    for index in batch:
        (order.tray / f"{index}.sample").unlink()


def _unlike(samples: list[Sample], order: Order, manifest: Manifest) -> Iterator[Sample]:
    """The same picture never goes in twice."""
    path = order.folder / ".seen"
    seen = set(path.read_text().split()) if path.exists() else set()
    for sample in samples:
        if sample.digest in seen:
            manifest.dropped["duplicate"] += 1
        else:
            seen.add(sample.digest)
            yield sample
    write_whole(path, "\n".join(sorted(seen)).encode())


def manifest_of(order: Order, tool: str) -> Manifest:
    lineage = {"seed": order.seed, "tool": tool, "size": order.size, "samples_per_pixel": order.samples}
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(order.folder, f"studio-{order.kind}", order.kind, created, lineage).load()


def run(order: Order, tool: str) -> None:
    """Starts the workers, packs what they finish, starts again one that died, says how long it will take."""
    order.tray.mkdir(parents=True, exist_ok=True)
    manifest = manifest_of(order, tool)
    manifest.save()
    workers = {number: _start(order, number) for number in range(order.workers)}
    started, had, told = time.monotonic(), len(drawn(order.tray) | packed(order)), 0.0
    while workers:
        time.sleep(2)
        pack(order, manifest, last=False)
        _tend(order, workers)
        if time.monotonic() - told > (2 if sys.stdout.isatty() else 60):
            told = time.monotonic()
            _report(order, started, had)
    pack(order, manifest, last=True)


def _start(order: Order, number: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "scenes",
        "worker",
        *order.arguments(),
        "--workers",
        str(order.workers),
        "--number",
        str(number),
    ]
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


CANNOT_START = 3  # the renderer cannot start at all: trying again would not help


def _report(order: Order, started: float, had: int) -> None:
    done = len(drawn(order.tray) | packed(order))
    line = progress(done, order.count, done - had, time.monotonic() - started)
    print(f"\r{line}  " if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True)


def progress(done: int, count: int, fresh: int, seconds: float) -> str:
    if fresh == 0:
        return f"{done}/{count} scenes"
    left = (count - done) * seconds / fresh
    hours, minutes = divmod(round(left / 60), 60)
    return f"{done}/{count} scenes, {3600 * fresh / seconds:.0f} an hour, {hours} h {minutes:02d} min left"
