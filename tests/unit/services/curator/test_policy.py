"""What a release asks for: the stage of its own name, once, and nothing that nobody would use."""

import pytest

from services.curator.policy import TrainingPolicy
from services.curator.records import Release
from shared.contracts.blobs import BlobRef

MANIFEST = BlobRef(bucket="backdrop", key="datasets/d/manifest.json", sha256="0" * 64, size=1)


def release(dataset: str, samples: int = 9) -> Release:
    return Release(dataset=dataset, sequence=3, content="c" * 64, manifest=MANIFEST, samples=samples, counts={})


@pytest.mark.parametrize("dataset", ["product", "engaged"])
def test_a_release_trains_the_stage_of_its_name(dataset: str) -> None:
    request = TrainingPolicy(model="m", steps=7)(release(dataset))
    assert request is not None
    assert (request.job_id, request.stage, request.model, request.steps) == (
        f"{dataset}-0003-cccccccccccc",
        dataset,
        "m",
        7,
    )
    assert (request.dataset, request.dataset_version) == (dataset, "0003-cccccccccccc")


def test_reviews_train_the_judge_by_default_under_its_own_name() -> None:
    request = TrainingPolicy()(release("judge"))
    assert request is not None and (request.stage, request.model) == ("judge", "mini-judge")


def test_an_empty_release_and_a_dataset_that_is_not_to_be_learnt_train_nothing() -> None:
    assert TrainingPolicy()(release("product", samples=0)) is None
    assert TrainingPolicy(train=frozenset({"engaged"}))(release("product")) is None
