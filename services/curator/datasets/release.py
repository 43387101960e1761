"""Releasing datasets: when one is due, what goes into it, and the version it gets. Same samples, same version."""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from services.curator.books import ReleaseBook
from services.curator.datasets.contents import MemberReader, engaged_items, judge_items
from services.curator.datasets.packing import Hands, Made, OwnHands, Portion, Supplies, cut, ranges, told
from services.curator.datasets.rebuild import LONGEST_SIDE
from services.curator.datasets.selection import Liked, RatedPicture, Splits
from services.curator.datasets.shards import SHARD_BYTES
from services.curator.records import Picture, Release, version_name
from services.curator.rules import METADATA_RULES, PIXEL_RULES, Novelty
from shared.contracts.blobs import BlobRef, BlobStore, dataset_prefix
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.errors import NotKnown, PromiseBroken
from shared.contracts.events import DatasetReleased

DatasetName = Literal["product", "engaged", "judge"]
DATASETS: tuple[DatasetName, ...] = get_args(DatasetName)
H = TypeVar("H")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What is remembered of the members while they pass by: sums here, their names in the folder `room`."""

    room: Path
    shards: list[tuple[ShardEntry, Any]] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    keys: Any = field(default_factory=hashlib.sha256)

    def meet(self, made: Iterable[tuple[Made, H]]) -> Iterator[tuple[H, list[int]]]:
        """Where the members of each portion are and how large; counted and written down on their way."""
        for portion, members in made:
            self._count(portion)
            yield members, portion.sizes

    def _count(self, made: Made) -> None:
        lines = "\n".join(key for _, key in made.pictures)
        self.keys.update(f"\n{lines}".encode() if self.splits and lines else lines.encode())
        self.splits.update(made.splits)
        self.missing.update(made.missing)
        with (self.room / "members").open("a", encoding="utf-8", newline="\n") as names:
            names.writelines(f"{key} {product_id}\n" for product_id, key in made.pictures)  # no product has line breaks

    def members(self) -> Iterator[Picture]:
        """Every item that passed by."""
        with (self.room / "members").open("a+", encoding="utf-8", newline="\n") as names:
            names.seek(0)
            for line in names:
                key, _, product_id = line.removesuffix("\n").partition(" ")
                yield product_id, key

    @property
    def entries(self) -> list[ShardEntry]:
        """What the manifest says of every shard."""
        return [entry for entry, _ in self.shards]


@dataclass(frozen=True, kw_only=True)
class ReleaseDatasets:
    """Makes versions of the three datasets. A version exists once its manifest does; the event is a function of it."""

    catalogue: ReleaseBook
    blobs: BlobStore
    liked: Liked = field(default_factory=Liked)
    rules: tuple[Any, ...] = (*METADATA_RULES, *PIXEL_RULES, Novelty())
    every: int = 500
    side: int = 1024
    shard_bytes: int = SHARD_BYTES
    clock: Callable[[], datetime] = _now
    hands: Hands | None = None  # this process when None

    def due(self) -> list[DatasetName]:
        """Datasets with enough new members, or with a member whose owner no longer consents."""
        return [name for name in DATASETS if self._is_due(name)]

    def _is_due(self, name: DatasetName) -> bool:
        if self.catalogue.gone(name, newest_only=True):
            return True
        if name == "engaged":
            return self._new_pictures() >= self.every
        return self.catalogue.newcomers(name) >= self.every

    def release(self, name: DatasetName) -> Release | None:
        """The newest version, made now unless nothing has changed; None while there is nothing to release at all."""
        if name not in DATASETS:
            raise NotKnown("dataset_not_known", f"`{name}` is none of {', '.join(DATASETS)}")
        latest = self.catalogue.latest(name)
        with tempfile.TemporaryDirectory(prefix="release-") as room:
            packed = self._packed(name, Path(room))
            if latest is None and not packed.splits:
                return None
            gone = self.catalogue.gone(name)
            content = _content(name, packed.entries, gone)
            if latest is not None and latest.content == content:
                return latest
            version = version_name(latest.sequence + 1 if latest else 1, content)
            self._hands.put(dataset_prefix(name, version), packed.shards)
            return self._written(name, packed, content, gone, latest)

    @property
    def _hands(self) -> Hands:
        return self.hands or OwnHands(Supplies(self.catalogue, MemberReader(blobs=self.blobs, side=self.side)))

    def _portions(self, name: DatasetName) -> Iterator[Portion]:
        """What belongs into a dataset, in its order, read as it is needed; votes and the liked are never too many."""
        if name == "judge":
            return told(judge_items(self.catalogue.reviews()))
        if name == "product":
            return ranges(self.catalogue.reasons().get("kept", 0))
        return told(engaged_items(self._liked(), self.catalogue.engaged()))

    def _liked(self) -> list[RatedPicture]:
        """The engaged pass by twice: what all are like, then who is liked most."""
        now = self.catalogue.newest_window()
        if now is None:
            return []
        return self.liked(self.catalogue.engaged(), self.liked.prior(self.catalogue.engaged(), now), now)

    def _new_pictures(self) -> int:
        """How many liked pictures the newest version does not have."""
        known = self.catalogue.pictures("engaged")
        return sum(one.key not in known for one in self._liked())

    def _packed(self, name: DatasetName, room: Path) -> Packed:
        """The dataset is read twice: who is held out depends on all of it."""
        splits = Splits.of(self._hands.products(self._portions(name)))
        packed = Packed(room=room)
        made = packed.meet(self._hands.make(self._portions(name), name, splits))
        packed.shards.extend(self._hands.pack(cut(made, self.shard_bytes), room))
        return packed

    def _written(
        self, name: DatasetName, packed: Packed, content: str, gone: tuple[str, ...], latest: Release | None
    ) -> Release:
        """The manifest, then the catalogue; repeated after a kill, it writes the same."""
        sequence = latest.sequence + 1 if latest else 1
        version = version_name(sequence, content)
        counts = self._counts(name, packed)
        manifest = DatasetManifest(
            name=name,
            version=version,
            kind=name,
            created=self.clock(),
            shards=tuple(packed.entries),
            counts=counts,
            filters=_filters(self.rules, self.liked if name == "engaged" else None),
            lineage=_lineage(packed, latest) | {LONGEST_SIDE: self.side},
            withdrawn=gone,
        )
        release = Release(
            dataset=name,
            sequence=sequence,
            content=content,
            counts=counts,
            samples=sum(entry.samples for entry in packed.entries),
            manifest=self._manifest(dataset_prefix(name, version) + MANIFEST, manifest),
        )
        self.catalogue.put_release(release, packed.members())
        return release

    def _manifest(self, key: str, manifest: DatasetManifest) -> BlobRef:
        """The first manifest of a version stays, so that its event has one content."""
        self.blobs.put_if_absent(key, manifest.model_dump_json(indent=1).encode(), "application/json")
        ref = self.blobs.find(key)
        if ref is None:
            raise PromiseBroken("manifest_gone", f"{key} was written and is not there")
        return ref

    def _counts(self, name: DatasetName, packed: Packed) -> dict[str, int]:
        dropped = {f"dropped.{reason}": count for reason, count in self.catalogue.reasons().items() if reason != "kept"}
        return {
            "train": packed.splits["train"],
            "held": packed.splits["held"],
            **dict(packed.missing),
            **(dropped if name == "product" else {}),
        }


def released(release: Release) -> DatasetReleased:
    """The event of a release."""
    return DatasetReleased(
        dataset=release.dataset,
        version=release.version,
        manifest=release.manifest,
        samples=release.samples,
        counts=release.counts,
    )


def _content(name: str, entries: list[ShardEntry], gone: tuple[str, ...]) -> str:
    """What tells versions apart: the shards' bytes, and who had to go."""
    content = {"name": name, "shards": [entry.sha256 for entry in entries], "withdrawn": list(gone)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _filters(rules: tuple[Any, ...], liked: Liked | None) -> dict[str, Any]:
    """Every rule with its thresholds, as they were."""
    parts = [*rules, *([liked] if liked else [])]
    return {type(part).__name__: asdict(part) for part in parts if is_dataclass(part) and not isinstance(part, type)}


def _lineage(packed: Packed, latest: Release | None) -> dict[str, Any]:
    """From what it was made: a hash over every member's key, and the version before."""
    return {
        "samples_sha256": packed.keys.hexdigest(),
        "previous": latest.version if latest else None,
        "pictures": packed.splits.total(),
    }
