"""A small released dataset, a request for it, and a service around the fake trainer."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.trainer.app import TrainingService, assemble
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore, dataset_prefix, digest
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.events import TrainingRequested
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.trainer import FakeTrainer

SHARD = b"not really a tar"


def put_dataset(blobs: BlobStore, name: str = "product", version: str = "0001-abc") -> None:
    """A dataset of one shard."""
    entry = ShardEntry(path="shard-00000.tar", sha256=digest(SHARD), size=len(SHARD), samples=3)
    manifest = DatasetManifest(
        name=name, version=version, kind="product", created=datetime(2026, 1, 1, tzinfo=UTC), shards=(entry,)
    )
    blobs.put(dataset_prefix(name, version) + entry.path, SHARD, "application/x-tar")
    blobs.put(dataset_prefix(name, version) + MANIFEST, manifest.model_dump_json().encode(), "application/json")


@pytest.fixture
def blobs() -> MemoryBlobs:
    store = MemoryBlobs()
    put_dataset(store)
    return store


@pytest.fixture
def request_for() -> Callable[..., TrainingRequested]:
    def make(job_id: str = "job-1", **given: Any) -> TrainingRequested:
        known: dict[str, Any] = {
            "stage": "product", "model": "mini-inpainter", "dataset": "product",
            "dataset_version": "0001-abc", "steps": 10,
        }  # fmt: skip
        return TrainingRequested(job_id=job_id, **(known | given))

    return make


@pytest.fixture
def service(blobs: MemoryBlobs, tmp_path: Path) -> Callable[..., TrainingService]:
    def make(trainer: FakeTrainer, **settings: Any) -> TrainingService:
        return assemble(
            TrainerSettings(work=tmp_path / settings.get("holder", "one"), **settings),
            blobs,
            {"product": trainer, "engaged": trainer},
        )

    return make
