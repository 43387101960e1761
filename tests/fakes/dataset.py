"""A released dataset that nobody looks into."""

from datetime import UTC, datetime

from shared.contracts.blobs import BlobStore, dataset_prefix, digest
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry

SHARD = b"not really a tar"


def put_dataset(blobs: BlobStore, name: str = "product", version: str = "0001-abc") -> None:
    """A dataset of one shard."""
    entry = ShardEntry(path="shard-00000.tar", sha256=digest(SHARD), size=len(SHARD), samples=3)
    manifest = DatasetManifest(
        name=name, version=version, kind="product", created=datetime(2026, 1, 1, tzinfo=UTC), shards=(entry,)
    )
    blobs.put(dataset_prefix(name, version) + entry.path, SHARD, "application/x-tar")
    blobs.put(dataset_prefix(name, version) + MANIFEST, manifest.model_dump_json().encode(), "application/json")
