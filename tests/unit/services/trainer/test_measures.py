"""How a training goes, in gauges."""

import pytest
from prometheus_client import CollectorRegistry

from services.trainer.measures import Measures
from shared.contracts.events import ProductWithdrawn, TrainingProgressed

PROGRESS = TrainingProgressed(job_id="j", stage="product", step=30, steps=400, loss=0.25, samples_per_s=8.0)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def test_the_newest_progress_is_shown_by_stage(registry: CollectorRegistry) -> None:
    measures = Measures(registry, clock=lambda: 1000.0)
    measures.announced(PROGRESS.model_copy(update={"step": 10, "loss": 0.5}))
    measures.announced(PROGRESS)
    stage = {"stage": "product"}
    assert registry.get_sample_value("backdrop_training_loss", stage) == 0.25
    assert registry.get_sample_value("backdrop_training_samples_per_second", stage) == 8.0
    assert registry.get_sample_value("backdrop_training_step", stage) == 30
    assert registry.get_sample_value("backdrop_training_steps", stage) == 400
    assert registry.get_sample_value("backdrop_training_last_progress_timestamp_seconds") == 1000.0


def test_a_job_is_in_hand_from_its_first_progress_until_the_ledger_was_looked_through(
    registry: CollectorRegistry,
) -> None:
    measures = Measures(registry)
    assert registry.get_sample_value("backdrop_training_in_hand") == 0
    measures.announced(PROGRESS)
    assert registry.get_sample_value("backdrop_training_in_hand") == 1
    measures.announced(ProductWithdrawn(product_id="mug"))
    measures.rested()
    assert registry.get_sample_value("backdrop_training_in_hand") == 0
