"""A released version made again from its manifest, byte for byte: from the recipes of its shards and the blob store."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.curator.books import ReleaseBook
from services.curator.datasets.contents import MemberReader
from services.curator.datasets.recipes import steps_of
from services.curator.datasets.shards import Shard
from shared.contracts.blobs import BlobRef, BlobStore, dataset_prefix, digest, fetch
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.errors import BadRequest, NotKnown, PromiseBroken

LONGEST_SIDE = "longest_side"  # in the lineage of a manifest, pixels


@dataclass(frozen=True)
class Rebuilt:
    """A shard that was made again: it lay there as it was, or not."""

    path: str
    found: Literal["as it was", "missing", "changed"]


@dataclass(frozen=True, kw_only=True)
class RebuildDataset:
    """Puts back what a store has lost. Never brings back a product or a photo that its owner has withdrawn since."""

    catalogue: ReleaseBook
    blobs: BlobStore

    def __call__(self, dataset: str, version: str, *, write: bool = True) -> Iterator[Rebuilt]:
        """Every shard in turn, written where it is not as the manifest says.

        Raises NotKnown without a manifest, a recipe or a picture; BadRequest when a product or a photo was withdrawn
        since; PromiseBroken when other bytes come out.
        """
        prefix = dataset_prefix(dataset, version)
        manifest = DatasetManifest.model_validate_json(self.blobs.get(prefix + MANIFEST))
        reader = MemberReader(blobs=self.blobs, side=int(manifest.lineage.get(LONGEST_SIDE, 0)))
        gone = set(self.catalogue.gone(dataset))
        for entry in manifest.shards:
            data = self._made(entry, prefix, manifest, reader, gone)
            found = self._found(prefix + entry.path, entry)
            if write and found != "as it was":
                self.blobs.put(prefix + entry.path, data, "application/x-tar")
            yield Rebuilt(entry.path, found)

    def _made(
        self, entry: ShardEntry, prefix: str, manifest: DatasetManifest, reader: MemberReader, gone: set[str]
    ) -> bytes:
        steps = list(steps_of(self._recipe(prefix, entry)))
        pictures = {(step.item.product_id, step.item.key) for step in steps}
        refused = {product_id for product_id, _ in self.catalogue.unwilling_photos(pictures)}
        if withdrawn := refused | gone.intersection(product_id for product_id, _ in pictures):
            names = ", ".join(sorted(withdrawn))
            raise BadRequest("withdrawn_since", f"{names}: withdrawn since {manifest.version}; release a new version")
        members = [reader.member(step.item, manifest.kind, step.split) for step in steps]
        data = Shard.of(members).data
        if digest(data) != entry.sha256:
            words = f"{entry.path} comes out other than {manifest.version} had it: by another version of a library?"
            raise PromiseBroken("rebuilt_differs", words)
        return data

    def _recipe(self, prefix: str, entry: ShardEntry) -> bytes:
        ref = self.blobs.find(prefix + entry.recipe_path)
        if entry.recipe is None or ref is None:
            raise NotKnown("no_recipe", f"{prefix}{entry.recipe_path} is not there: releases of before had none")
        return fetch(self.blobs, ref.model_copy(update={"sha256": entry.recipe}))

    def _found(self, key: str, entry: ShardEntry) -> Literal["as it was", "missing", "changed"]:
        ref: BlobRef | None = self.blobs.find(key)
        if ref is None:
            return "missing"
        return "as it was" if digest(self.blobs.get(key)) == entry.sha256 else "changed"
