"""Datasets are brought whole and verified, or named as what they are."""

from pathlib import Path

import pytest

from services.trainer.store.datasets import ReleasedDatasets
from shared.contracts.errors import NotKnown
from tests.fakes.blobs import MemoryBlobs


def test_shards_and_manifest_arrive(blobs: MemoryBlobs, tmp_path: Path) -> None:
    folder = ReleasedDatasets(blobs).bring("product", "0001-abc", tmp_path.joinpath)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "shard-00000.tar"]


def test_a_changed_shard_is_refused(blobs: MemoryBlobs, tmp_path: Path) -> None:
    blobs.put("datasets/product/0001-abc/shard-00000.tar", b"something else", "application/x-tar")
    with pytest.raises(NotKnown, match="sha256 differs"):
        ReleasedDatasets(blobs).bring("product", "0001-abc", tmp_path.joinpath)


def test_a_missing_shard_is_named(blobs: MemoryBlobs, tmp_path: Path) -> None:
    blobs.stored.pop("datasets/product/0001-abc/shard-00000.tar")
    with pytest.raises(NotKnown, match=r"shard-00000\.tar is not in the store") as named:
        ReleasedDatasets(blobs).bring("product", "0001-abc", tmp_path.joinpath)
    assert named.value.reason == "shard_missing"


def test_a_local_shard_that_was_spoilt_is_brought_again(blobs: MemoryBlobs, tmp_path: Path) -> None:
    datasets = ReleasedDatasets(blobs)
    shard = datasets.bring("product", "0001-abc", tmp_path.joinpath) / "shard-00000.tar"
    shard.write_bytes(b"half")
    datasets.bring("product", "0001-abc", tmp_path.joinpath)
    assert shard.read_bytes() == b"not really a tar"


def test_a_manifest_cannot_reach_outside_its_folder(blobs: MemoryBlobs, tmp_path: Path) -> None:
    key = "datasets/product/0001-abc/manifest.json"
    blobs.put(key, blobs.get(key).replace(b"shard-00000.tar", b"../../../escape.tar"), "application/json")
    with pytest.raises(NotKnown, match="leave its dataset"):
        ReleasedDatasets(blobs).bring("product", "0001-abc", (tmp_path / "deep").joinpath)


def test_an_unreadable_manifest_is_named(blobs: MemoryBlobs, tmp_path: Path) -> None:
    blobs.put("datasets/product/0001-abc/manifest.json", b"{", "application/json")
    with pytest.raises(NotKnown, match="not readable"):
        ReleasedDatasets(blobs).find("product", "0001-abc")
