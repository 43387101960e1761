"""Releases, their manifests, what changed, who learned from what is gone, and why photos were left out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backdrop.client import Heard
from backdrop.learned import datasets
from shared.contracts.blobs import dataset_prefix, digest
from shared.contracts.datasets import DatasetManifest, ShardEntry
from shared.contracts.errors import BadRequest
from shared.contracts.events import DatasetReleased, Event, ModelTrained, SampleCurated
from tests.fakes.blobs import MemoryBlobs


def said(event: Event) -> Heard:
    return Heard(topic="t", value=event.model_dump_json().encode(), headers={}, at_s=0.0)


def released(blobs: MemoryBlobs, version: str, shard: bytes = b"one", **given: Any) -> DatasetReleased:
    prefix = dataset_prefix("product", version)
    blobs.put(prefix + "shard-0.tar", shard, "application/x-tar")
    known: dict[str, Any] = {"counts": {"train": 3}, "filters": {"Mask": {"min_area": 0.02}}}
    entry = ShardEntry(path="shard-0.tar", sha256=digest(shard), size=len(shard), samples=3)
    one = DatasetManifest(
        name="product",
        version=version,
        kind="product",
        created=datetime(2026, 3, 1, tzinfo=UTC),
        shards=(entry,),
        **(known | given),
    )
    ref = blobs.put(prefix + "manifest.json", one.model_dump_json().encode(), "application/json")
    return DatasetReleased(dataset="product", version=version, manifest=ref, samples=3, counts=one.counts)


def test_a_release_that_was_announced_twice_is_listed_once_the_newest_last() -> None:
    blobs = MemoryBlobs()
    first, second = released(blobs, "0001-a"), released(blobs, "0002-b")
    found = datasets.releases([said(second), said(first), said(first), None, said(released(blobs, "0009-late"))])
    assert [one.version for one in found] == ["0001-a", "0002-b"]
    assert datasets.manifest(found, blobs, "product", None).version == "0002-b"
    assert datasets.manifest(found, blobs, "product", "0001-a").version == "0001-a"
    with pytest.raises(BadRequest, match="no release of judge was announced"):
        datasets.manifest(found, blobs, "judge", None)


def test_two_versions_differ_in_counts_rules_removals_and_bytes() -> None:
    blobs = MemoryBlobs()
    found = [
        released(blobs, "0001-a", withdrawn=("cup",)),
        released(
            blobs, "0002-b", b"two", counts={"train": 2}, withdrawn=("cup", "mug"), filters={"Mask": {"min_area": 0.1}}
        ),
    ]
    old, new = (datasets.manifest(found, blobs, "product", one.version) for one in found)
    assert datasets.differences(old, new) == [
        "0 of 1 shards are the same bytes",
        "  train: 3 -> 2",
        "  rule Mask: {'min_area': 0.02} -> {'min_area': 0.1}",
        "  withdrawn since: mug",
    ]
    assert datasets.differences(old, old) == ["1 of 1 shards are the same bytes"]
    assert datasets.told(new)[-1] == "withdrawn, and left out for good: cup, mug"


def test_a_training_that_was_announced_twice_is_heard_once() -> None:
    weights = MemoryBlobs().put("w", b"w", "x/x")
    facts = {"model": "mini", "revision": "r1", "job_id": "j", "stage": "product", "base": "b", "dataset": "product"}
    one = ModelTrained.model_validate(facts | {"weights": weights, "dataset_version": "1"})
    assert datasets.trainings([said(one), said(one), None]) == [one]


def test_shards_that_changed_or_went_are_named() -> None:
    blobs = MemoryBlobs()
    one = datasets.manifest([released(blobs, "0001-a")], blobs, "product", None)
    assert datasets.verified(one, blobs) == []
    key = dataset_prefix("product", "0001-a") + "shard-0.tar"
    blobs.put(key, b"eno", "application/x-tar")
    assert datasets.verified(one, blobs) == ["shard-0.tar is not the bytes that manifest.json names"]
    blobs.stored.pop(key)
    assert datasets.verified(one, blobs) == ["shard-0.tar is not there"]


def test_of_a_photos_verdicts_the_last_counts() -> None:
    def verdict(product: str, reason: str) -> Heard:
        kept = "kept" if reason == "kept" else "dropped"
        told = {"product_id": product, "image_sha256": "0" * 64, "verdict": kept, "reason": reason}
        return said(SampleCurated.model_validate(told))

    heard = [verdict("a", "kept"), verdict("b", "blurred"), verdict("c", "blurred"), verdict("a", "no_consent"), None]
    assert datasets.verdicts(heard) == {"blurred": 2, "no_consent": 1}
