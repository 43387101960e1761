"""Which requests are accepted, what a plan is made of, and when a model is better."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.trainer.app import Training
from services.trainer.core import RECIPES, Promotion, judged, planned
from shared.contracts.errors import BadRequest, NotKnown, Permanent
from shared.contracts.events import TrainingRequested
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.trainer import FakeTrainer

Service = Callable[..., Training]
Request = Callable[..., TrainingRequested]


def test_an_unknown_dataset_is_not_accepted(service: Service, request_for: Request, blobs: MemoryBlobs) -> None:
    with pytest.raises(NotKnown, match="no dataset `product` in version `9999`"):
        service(FakeTrainer()).accept(request_for(dataset_version="9999"))
    assert list(blobs.keys("jobs/")) == []


def test_a_stage_without_a_trainer_is_named(service: Service, request_for: Request) -> None:
    with pytest.raises(Permanent, match="no trainer for stage `judge`"):
        service(FakeTrainer()).accept(request_for(stage="judge"))


def test_a_job_id_belongs_to_one_request(service: Service, request_for: Request) -> None:
    training = service(FakeTrainer())
    assert training.accept(request_for(seed=1))
    with pytest.raises(BadRequest, match="job-1"):
        training.accept(request_for(seed=2))


def test_a_request_wins_over_the_recipe(request_for: Request) -> None:
    plan = planned(request_for(rank=4), RECIPES["product"], base=Path("b"), start=None)
    assert (plan.steps, plan.rank, plan.batch) == (10, 4, 8)


@pytest.mark.parametrize(
    ("metrics", "promotion"),
    [
        ({"held_out_loss": 0.89, "base_held_out_loss": 1.0}, Promotion(True, "better")),
        ({"held_out_loss": 0.95, "base_held_out_loss": 1.0}, Promotion(False, "not_better")),
        ({"held_out_loss": 0.5}, Promotion(True, "nothing_to_beat")),
        ({"base_held_out_loss": 1.0}, Promotion(False, "not_measured")),
        ({"held_out_loss": float("nan"), "base_held_out_loss": 1.0}, Promotion(False, "not_measured")),
    ],
)
def test_only_a_measured_gain_promotes(metrics: dict[str, float], promotion: Promotion) -> None:
    assert judged(metrics, min_gain=0.1) == promotion
