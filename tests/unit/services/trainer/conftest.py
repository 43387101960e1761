"""A small released dataset, a request for it, and a service around the fake trainer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.trainer.app import TrainingService, assemble
from services.trainer.settings import TrainerSettings
from shared.contracts.events import TrainingRequested
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.dataset import put_dataset
from tests.fakes.trainer import FakeTrainer


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
