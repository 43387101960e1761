"""Which requests are accepted, and what a plan is made of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.trainer.app import TrainingService
from services.trainer.core import TrainingPlan, checked, measured, planned
from services.trainer.promotion import Paired
from services.trainer.stages import STAGES
from shared.contracts.blobs import dataset_prefix
from shared.contracts.datasets import MANIFEST, DatasetManifest
from shared.contracts.errors import BadRequest, NotKnown, Permanent
from shared.contracts.events import TrainingRequested
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.trainer import FakeTrainer

Service = Callable[..., TrainingService]
Request = Callable[..., TrainingRequested]


def test_an_unknown_dataset_is_not_accepted(service: Service, request_for: Request, blobs: MemoryBlobs) -> None:
    with pytest.raises(NotKnown, match="no dataset `product` in version `9999`"):
        service(FakeTrainer()).accept(request_for(dataset_version="9999"))
    assert list(blobs.keys("jobs/")) == []


def test_a_stage_without_a_trainer_is_named(service: Service, request_for: Request) -> None:
    with pytest.raises(Permanent, match="no trainer for stage `judge`") as refused:
        service(FakeTrainer()).accept(request_for(stage="judge"))
    assert refused.value.reason == "stage_unavailable"


def test_a_job_id_belongs_to_one_request(service: Service, request_for: Request) -> None:
    training = service(FakeTrainer())
    assert training.accept(request_for(seed=1))
    with pytest.raises(BadRequest, match="job-1"):
        training.accept(request_for(seed=2))


def test_a_request_wins_over_the_recipe(request_for: Request) -> None:
    plan = planned(request_for(rank=4), STAGES["product"], base=Path("b"))
    assert (plan.steps, plan.rank, plan.batch) == (10, 4, 8)


def test_a_plan_is_all_that_the_request_says() -> None:
    request = TrainingRequested(
        job_id="j",
        stage="engaged",
        model="m",
        dataset="d",
        dataset_version="1",
        steps=7,
        batch=3,
        rank=5,
        learning_rate=0.25,
        size=128,
        seed=11,
    )
    learnt: dict[str, Any] = {"seen": frozenset({"a", "b"}), "inherited": frozenset({"a"})}
    plan = planned(
        request, STAGES["engaged"], base=Path("b"), start=Path("s"), in_use=Path("u"), task="a photo of", **learnt
    )
    assert plan == TrainingPlan(
        stage="engaged",
        base=Path("b"),
        start=Path("s"),
        in_use=Path("u"),
        task="a photo of",
        **learnt,
        steps=7,
        batch=3,
        rank=5,
        learning_rate=0.25,
        size=128,
        seed=11,
    )


def test_where_the_request_is_silent_the_recipe_speaks() -> None:
    request = TrainingRequested(job_id="j", stage="judge", model="m", dataset="d", dataset_version="1")
    plan = planned(request, STAGES["judge"], base=Path("b"))
    assert (plan.steps, plan.batch, plan.rank, plan.learning_rate, plan.size) == (400, 16, 16, 3e-4, 256)
    assert (plan.start, plan.in_use) == (None, None)


def test_a_dataset_without_samples_is_refused_and_the_job_not_written_down(
    service: Service, request_for: Request, blobs: MemoryBlobs
) -> None:
    empty = DatasetManifest(
        name="product", version="0002", kind="product", created=datetime(2026, 1, 1, tzinfo=UTC), shards=()
    )
    blobs.put(f"{dataset_prefix('product', '0002')}{MANIFEST}", empty.model_dump_json().encode(), "application/json")
    with pytest.raises(Permanent, match="dataset product 0002 has no samples") as refused:
        service(FakeTrainer()).accept(request_for(dataset_version="0002"))
    assert refused.value.reason == "dataset_empty" and list(blobs.keys("jobs/")) == []


def test_the_last_stage_steers_at_a_smaller_rate_and_for_fewer_steps_than_the_one_before() -> None:
    product, engaged = STAGES["product"], STAGES["engaged"]
    assert engaged.learning_rate < product.learning_rate and engaged.steps < product.steps


@pytest.mark.parametrize(
    ("dial", "value"), [("steps", 10**15), ("batch", 10**6), ("size", 100_000), ("seed", -1), ("seed", 2**40)]
)
def test_dials_that_no_run_survives_are_refused(request_for: Request, dial: str, value: int) -> None:
    plan = planned(request_for(), STAGES["product"], base=Path("b"))
    with pytest.raises(BadRequest) as refused:
        checked(replace(plan, **{dial: value}))  # type: ignore[arg-type]
    assert refused.value.reason == f"{dial}_unusable" and checked(plan) == plan


@pytest.mark.parametrize(
    ("dial", "least", "most"),
    [("steps", 0, 1_000_000), ("batch", 0, 4096), ("size", 0, 2048), ("seed", 0, 4_294_967_296)],
)
def test_a_dial_may_stand_at_either_end_and_no_step_beyond(
    request_for: Request, dial: str, least: int, most: int
) -> None:
    plan = planned(request_for(), STAGES["product"], base=Path("b"))
    for value in (least, most):
        assert getattr(checked(replace(plan, **{dial: value})), dial) == value  # type: ignore[arg-type]
    for value in (least - 1, most + 1):
        with pytest.raises(BadRequest, match=f"{dial} {value}: at least 0, at most {most}"):
            checked(replace(plan, **{dial: value}))  # type: ignore[arg-type]


def test_a_learning_rate_is_above_nothing_and_at_most_one(request_for: Request) -> None:
    plan = planned(request_for(), STAGES["product"], base=Path("b"))
    assert checked(replace(plan, learning_rate=1.0)).learning_rate == 1.0
    for rate in (0.0, -1e-4, 1.001):
        with pytest.raises(BadRequest) as refused:
            checked(replace(plan, learning_rate=rate))
        assert refused.value.reason == "learning_rate_unusable"


def test_a_request_beyond_the_trainers_own_limits_is_not_written_down(
    service: Service, request_for: Request, blobs: MemoryBlobs
) -> None:
    training = service(FakeTrainer())
    with pytest.raises(BadRequest, match="steps 5000000: at least 0, at most 1000000"):
        training.accept(request_for(steps=5_000_000))
    assert list(blobs.keys("jobs/")) == [] and training.accept(request_for())


@pytest.mark.parametrize("rate", [float("inf"), float("nan")])
def test_a_learning_rate_that_is_no_number_is_refused(request_for: Request, rate: float) -> None:
    plan = planned(request_for(), STAGES["product"], base=Path("b"))
    with pytest.raises(BadRequest, match=r"at most 1\.0"):
        checked(replace(plan, learning_rate=rate))


def test_held_out_losses_are_told_as_means_and_what_was_not_measured_is_not_told() -> None:
    held = {"loss": Paired(challenger=(1.0, 3.0), in_use=(4.0, 5.0, 9.0))}
    assert measured(held, (2.0, 2.5)) == {
        "held_out_loss": 2.0,
        "in_use_held_out_loss": 6.0,
        "base_held_out_loss": 2.25,
    }
    assert measured({"loss": Paired(challenger=(7.0,))}, ()) == {"held_out_loss": 7.0}
    assert measured({}, ()) == {}


def test_a_base_that_nobody_listed_is_refused(service: Service, request_for: Request, blobs: MemoryBlobs) -> None:
    training = service(FakeTrainer(), bases={"sd": "stable/inpainting"})
    for base in ("/etc", "../elsewhere", "someone/anything", "0" * 12):
        with pytest.raises(BadRequest, match="neither listed in TRAINER_BASES nor a revision"):
            training.accept(request_for(base=base))
    assert list(blobs.keys("jobs/")) == []
    for number, base in enumerate(("sd", "stable/inpainting", "models/mini-inpainter")):
        assert training.accept(request_for(f"job-{number}", base=base))
