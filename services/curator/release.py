"""Releasing datasets: when one is due, what goes into it, and the version it gets. Same samples, same version."""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from services.curator.contents import Item, Reader, engaged_items, judge_items, product_items, split_of
from services.curator.core import ReleaseBook
from services.curator.records import Release, version_name
from services.curator.rules import METADATA_RULES, PIXEL_RULES
from services.curator.selection import Liked
from services.curator.shards import SHARD_BYTES, shards
from shared.contracts.blobs import BlobRef, BlobStore, dataset_prefix, digest
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.errors import NotKnown, PromiseBroken
from shared.contracts.events import DatasetReleased

DatasetName = Literal["product", "engaged", "judge"]
DATASETS: tuple[DatasetName, ...] = get_args(DatasetName)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class ReleaseDatasets:
    """Makes versions of the three datasets. A version exists once its manifest does; the event is a function of it."""

    catalogue: ReleaseBook
    blobs: BlobStore
    liked: Liked = field(default_factory=Liked)
    rules: tuple[Any, ...] = (*METADATA_RULES, *PIXEL_RULES)
    every: int = 500
    side: int = 1024
    shard_bytes: int = SHARD_BYTES
    clock: Callable[[], datetime] = _now

    def due(self) -> list[DatasetName]:
        """Datasets with enough new members, or with a member that was withdrawn since."""
        return [name for name in DATASETS if self._is_due(name)]

    def _is_due(self, name: DatasetName) -> bool:
        latest = self.catalogue.latest(name)
        members = latest.members if latest else frozenset()
        if members.intersection(self.catalogue.gone(name)):
            return True
        return len({item.product_id for item in self._items(name)} - members) >= self.every

    def release(self, name: DatasetName) -> Release | None:
        """The newest version, made now unless nothing has changed; None while there is nothing to release at all."""
        if name not in DATASETS:
            raise NotKnown("dataset_not_known", f"`{name}` is none of {', '.join(DATASETS)}")
        latest = self.catalogue.latest(name)
        items = self._items(name)
        if not items and latest is None:
            return None
        with tempfile.TemporaryDirectory(prefix="release-") as folder:
            reader = Reader(blobs=self.blobs, side=self.side)
            entries = self._packed(name, items, reader, Path(folder))
            gone = self.catalogue.gone(name)
            content = _content(name, entries, gone)
            if latest is not None and latest.content == content:
                return latest
            version = version_name(latest.sequence + 1 if latest else 1, content)
            self._upload(dataset_prefix(name, version), entries, Path(folder))
        counts = self._counts(name, items, reader.missing)
        return self._written(name, items, entries, counts, content, gone, latest)

    def _items(self, name: DatasetName) -> list[Item]:
        if name == "judge":
            return judge_items(self.catalogue.reviews())
        kept = self.catalogue.kept()
        return (
            product_items(kept) if name == "product" else engaged_items(self.liked, kept, self.catalogue.engagement())
        )

    def _packed(self, name: DatasetName, items: list[Item], reader: Reader, folder: Path) -> tuple[ShardEntry, ...]:
        """Shards in a local folder: a dataset may be larger than memory, and its version is known only at the end."""
        entries = []
        members = reader.members(items, name, split_of(items))
        for number, (data, count) in enumerate(shards(members, limit=self.shard_bytes)):
            path = f"shard-{number:05d}.tar"
            (folder / path).write_bytes(data)
            entries.append(ShardEntry(path=path, sha256=digest(data), size=len(data), samples=count))
        return tuple(entries)

    def _upload(self, prefix: str, entries: tuple[ShardEntry, ...], folder: Path) -> None:
        for entry in entries:
            self.blobs.put(prefix + entry.path, (folder / entry.path).read_bytes(), "application/x-tar")

    def _written(
        self, name: DatasetName, items: list[Item], entries: tuple[ShardEntry, ...], counts: dict[str, int],
        content: str, gone: tuple[str, ...], latest: Release | None,
    ) -> Release:  # fmt: skip
        """The manifest, then the catalogue; repeated after a kill, it writes the same."""
        sequence = latest.sequence + 1 if latest else 1
        version = version_name(sequence, content)
        manifest = DatasetManifest(
            name=name, version=version, kind=name, created=self.clock(), shards=entries, counts=counts,
            filters=_filters(self.rules, self.liked if name == "engaged" else None),
            lineage=_lineage(items, latest), withdrawn=gone,
        )  # fmt: skip
        release = Release(
            dataset=name, sequence=sequence, content=content, counts=counts,
            samples=sum(entry.samples for entry in entries),
            manifest=self._manifest(dataset_prefix(name, version) + MANIFEST, manifest),
            members=frozenset(item.product_id for item in items),
        )  # fmt: skip
        self.catalogue.put_release(release)
        return release

    def _manifest(self, key: str, manifest: DatasetManifest) -> BlobRef:
        """The first manifest of a version stays, so that its event has one content."""
        self.blobs.put_if_absent(key, manifest.model_dump_json(indent=1).encode(), "application/json")
        ref = self.blobs.find(key)
        if ref is None:
            raise PromiseBroken("manifest_gone", f"{key} was written and is not there")
        return ref

    def _counts(self, name: DatasetName, items: list[Item], missing: Counter[str]) -> dict[str, int]:
        split = split_of(items)
        counts = Counter(split[item.product_id] for item in items)
        dropped = {f"dropped.{reason}": count for reason, count in self.catalogue.reasons().items() if reason != "kept"}
        return {
            "train": counts["train"],
            "held": counts["held"],
            **dict(missing),
            **(dropped if name == "product" else {}),
        }


def released(release: Release) -> DatasetReleased:
    """The event of a release."""
    return DatasetReleased(
        dataset=release.dataset, version=release.version, manifest=release.manifest, samples=release.samples,
        counts=release.counts,
    )  # fmt: skip


def _content(name: str, entries: tuple[ShardEntry, ...], gone: tuple[str, ...]) -> str:
    """What tells versions apart: the shards' bytes, and who had to go."""
    content = {"name": name, "shards": [entry.sha256 for entry in entries], "withdrawn": list(gone)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _filters(rules: tuple[Any, ...], liked: Liked | None) -> dict[str, Any]:
    """Every rule with its thresholds, as they were."""
    parts = [*rules, *([liked] if liked else [])]
    return {type(part).__name__: asdict(part) for part in parts if is_dataclass(part) and not isinstance(part, type)}


def _lineage(items: list[Item], latest: Release | None) -> dict[str, Any]:
    """From what it was made: a hash over every member's key, and the version before."""
    keys = hashlib.sha256("\n".join(item.key for item in items).encode()).hexdigest()
    return {
        "samples_sha256": keys,
        "previous": latest.version if latest else None,
        "products": len({i.product_id for i in items}),
    }
