"""From the spool into shards: what is listed is whole, and nothing goes in twice, however often a run is cut off."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bundled.studio.plan.samples import StudioSample
from bundled.studio.run import ledger
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.shards import Manifest
from bundled.studio.run.spool import spool_of

SHARD_SAMPLES = 100


class OtherOrder(ValueError):
    """The folder holds what was drawn by another recipe; mixed, a seed would no longer name a picture."""


def refuse_mixing(order: DrawingOrder) -> None:
    path = order.folder / "manifest.json"
    if not path.exists():
        return
    try:
        known = json.loads(path.read_text())
        had = {"kind": known["kind"], **known["lineage"]}
    except (ValueError, KeyError, TypeError) as error:
        raise OtherOrder(f"{path} was not written by the studio; give another folder with --out") from error
    asked = {"only": None, "kind": order.kind, **order.recipe}
    other = [f"{name} {had.get(name)}, not {value}" for name, value in asked.items() if had.get(name) != value]
    if other:
        raise OtherOrder(
            f"{order.folder} holds scenes of another order ({'; '.join(other)}): the two must not be mixed.\n"
            "Give another folder with --out, or order the same again."
        )


def manifest_of(order: DrawingOrder, tool: str) -> Manifest:
    refuse_mixing(order)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    lineage = {**order.recipe, "tool": tool}
    manifest = Manifest(order.folder, f"studio-{order.kind}", order.kind, created, lineage).load()
    manifest.dropped["duplicate"] = ledger.duplicates(order.folder)
    return manifest


@dataclass
class Packer:
    order: DrawingOrder
    manifest: Manifest

    def __post_init__(self) -> None:
        self.spool = spool_of(self.order)
        self.packed, self.seen = ledger.packed(self.order.folder), ledger.seen(self.order.folder)

    def done(self) -> int:
        return sum(scene < self.order.count for scene in self.spool.drawn() | self.packed)

    def left(self) -> set[int]:
        return set(range(self.order.count)) - self.spool.drawn() - self.packed - self.spool.given_up()

    def given_up(self) -> set[int]:
        return self.spool.given_up() - self.packed

    def pack(self, *, last: bool) -> None:
        """A full spool becomes a shard; at the end the rest does too."""
        self.manifest.dropped["gave up"] = len(self.given_up())
        waiting = sorted(self.spool.drawn())
        while len(waiting) >= SHARD_SAMPLES or (last and waiting):
            batch, waiting = waiting[:SHARD_SAMPLES], waiting[SHARD_SAMPLES:]
            self._pack_one(batch)
        if last:
            self.manifest.save()

    def _pack_one(self, batch: list[int]) -> None:
        fresh = sorted(set(batch) - self.packed)
        samples = [self.spool.sample(scene) for scene in fresh]
        kept = list(_unlike(samples, self.seen))
        self.manifest.dropped["duplicate"] += len(samples) - len(kept)
        if kept:
            ledger.promise(self.order.folder, self.manifest.next_shard, fresh, [sample.digest for sample in kept])
            self.manifest.add_shard(kept)
        elif fresh:
            ledger.add_duplicates(self.order.folder, fresh)
        self.packed |= set(fresh)
        for scene in batch:
            self.spool.discard(scene)


def _unlike(samples: list[StudioSample], known: set[str]) -> Iterator[StudioSample]:
    """The same picture never goes in twice."""
    for sample in samples:
        if sample.digest not in known:
            known.add(sample.digest)
            yield sample
