"""Releasing datasets: when one is due, what goes into it, and the version it gets. Same samples, same version."""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from services.curator.books import ReleaseBook
from services.curator.datasets.contents import MemberReader, engaged_items, judge_items, product_items
from services.curator.datasets.rebuild import LONGEST_SIDE
from services.curator.datasets.recipes import DatasetItem
from services.curator.datasets.selection import Liked, RatedPicture, Splits
from services.curator.datasets.shards import SHARD_BYTES, Shard, shards
from services.curator.records import Picture, Release, version_name
from services.curator.rules import METADATA_RULES, PIXEL_RULES, Novelty
from shared.contracts.blobs import BlobRef, BlobStore, dataset_prefix, digest
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.errors import NotKnown, PromiseBroken
from shared.contracts.events import DatasetReleased

DatasetName = Literal["product", "engaged", "judge"]
DATASETS: tuple[DatasetName, ...] = get_args(DatasetName)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What is remembered of the members while they pass by: sums here, their names in the file `names`."""

    names: Path
    missing: Counter[str]
    entries: list[ShardEntry] = field(default_factory=list)
    splits: Counter[str] = field(default_factory=Counter)
    keys: Any = field(default_factory=hashlib.sha256)

    def counted(self, items: Iterable[DatasetItem], splits: Splits) -> Iterator[DatasetItem]:
        """The same items, counted and written down on their way."""
        with self.names.open("w", encoding="utf-8", newline="\n") as names:
            for item in items:
                self.keys.update(f"\n{item.key}".encode() if self.splits else item.key.encode())
                self.splits[splits[item.product_id]] += 1
                names.write(f"{item.key} {item.product_id}\n")  # no name of a product has a line break in it
                yield item

    def members(self) -> Iterator[Picture]:
        """Every item that passed by."""
        with self.names.open(encoding="utf-8", newline="\n") as names:
            for line in names:
                key, _, product_id = line.removesuffix("\n").partition(" ")
                yield product_id, key


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
        if latest is None and next(self._items(name), None) is None:
            return None
        with tempfile.TemporaryDirectory(prefix="release-") as folder:
            packed = self._packed(name, Path(folder))
            gone = self.catalogue.gone(name)
            content = _content(name, packed.entries, gone)
            if latest is not None and latest.content == content:
                return latest
            version = version_name(latest.sequence + 1 if latest else 1, content)
            self._upload(dataset_prefix(name, version), packed.entries, Path(folder))
            return self._written(name, packed, content, gone, latest)

    def _items(self, name: DatasetName) -> Iterator[DatasetItem]:
        """What belongs into a dataset, in its order, read as it is needed."""
        if name == "judge":
            return judge_items(self.catalogue.reviews())
        if name == "product":
            return product_items(self.catalogue.kept())
        return engaged_items(self._liked(), self.catalogue.engaged())

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

    def _packed(self, name: DatasetName, folder: Path) -> Packed:
        """Shards in a local folder: a dataset may be larger than memory, and its version is known only at the end.

        It is read twice: who is held out depends on all of them.
        """
        splits = Splits.of(item.product_id for item in self._items(name))
        reader = MemberReader(blobs=self.blobs, side=self.side)
        packed = Packed(names=folder / "members", missing=reader.missing)
        members = reader.members(packed.counted(self._items(name), splits), name, splits)
        (folder / "recipes").mkdir()
        for number, shard in enumerate(shards(members, limit=self.shard_bytes)):
            entry = _entry(f"shard-{number:05d}.tar", shard)
            (folder / entry.path).write_bytes(shard.data)
            (folder / entry.recipe_path).write_bytes(shard.recipe)
            packed.entries.append(entry)
        return packed

    def _upload(self, prefix: str, entries: list[ShardEntry], folder: Path) -> None:
        for entry in entries:
            self.blobs.put(prefix + entry.path, (folder / entry.path).read_bytes(), "application/x-tar")
            self.blobs.put(prefix + entry.recipe_path, (folder / entry.recipe_path).read_bytes(), "application/jsonl")

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


def _entry(path: str, shard: Shard) -> ShardEntry:
    return ShardEntry(
        path=path,
        sha256=digest(shard.data),
        size=len(shard.data),
        samples=shard.samples,
        recipe=digest(shard.recipe),
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
