"""The messages' own rules; that yesterday's messages parse is the golden files' business."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.contracts.events import (
    BackgroundReviewed,
    ImageSource,
    ModelPromoted,
    Placement,
    ProductEngaged,
    ProductSubmitted,
    ProductWithdrawn,
    SampleCurated,
    Scene,
    Scores,
    StyleMined,
    TrainingProgressed,
    TrainingRequested,
)
from shared.contracts.identity import event_id, scene_request_id
from shared.contracts.topics import TOPICS, topic_of

SUBMITTED = ProductSubmitted(product_id="mug-1", image=ImageSource(key="images/a.png"))


def test_an_unknown_field_is_ignored() -> None:
    event = ProductSubmitted.model_validate({"product_id": "mug-1", "image": {"key": "images/a.png"}, "new": 1})
    assert event == SUBMITTED


def test_an_image_is_a_url_or_a_key_never_both() -> None:
    with pytest.raises(ValidationError, match="either `url` or `key`"):
        ImageSource(url="https://example.com/a.png", key="images/a.png")
    with pytest.raises(ValidationError, match="either `url` or `key`"):
        ImageSource()


def test_a_custom_placement_needs_a_scale() -> None:
    with pytest.raises(ValidationError, match="needs `scale`"):
        Placement(mode="custom")


def test_there_are_never_more_votes_than_raters() -> None:
    image = {"bucket": "backdrop", "key": "k", "sha256": "0" * 64, "size": 1}
    with pytest.raises(ValidationError, match="more votes than raters"):
        BackgroundReviewed(
            product_id="p", request_id="r", image=image, raters=2, product_defects=3, background_defects=0
        )


ENGAGED = {
    "product_id": "mug-1", "impressions": 100, "clicks": 9, "saves": 300, "long_clicks": 2,
    "window_start": "2026-03-01T00:00:00Z", "window_end": "2026-03-02T00:00:00Z",
}  # fmt: skip
TRAINING = {
    "job_id": "job-1", "stage": "product", "model": "m", "dataset": "product", "dataset_version": "1",
    "steps": 10_000_000, "batch": 4096, "size": 4096, "rank": 256, "learning_rate": 1.0, "seed": 2**63 - 1,
}  # fmt: skip
BLOB = {"bucket": "backdrop", "key": "k", "sha256": "0" * 64, "size": 1}
PROMOTED = {"model": "m", "revision": "1", "stage": "product", "base": "b", "weights": BLOB, "metrics": {"loss": 0.5}}
PROGRESSED = {"job_id": "j", "stage": "product", "step": 1, "steps": 2, "loss": 0.5, "samples_per_s": 1.0}
CURATED = {"product_id": "p", "image_sha256": "0" * 64, "verdict": "kept", "reason": "kept", "scores": {"area": 0.1}}
OPTION = ENGAGED | {"request_id": "r-1", "image": BLOB, "style": "warm oak", "model": "mini @ base"}
EVIDENCE = {"pictures": 3, "lift": 2.0, "dataset_version": "0001-a"}
MINED = {"style": "warm oak", "revision": 1, "words": ["warm oak"], "evidence": EVIDENCE}
SCORES = {"expansion": 0.0, "shrinkage": 0.0, "seam": 0.0, "adherence": 1.0, "judge": 1.0}

CANNOT_BE: list[tuple[type[BaseModel], dict[str, Any], str, Any]] = [
    (ProductEngaged, ENGAGED, "clicks", 101),
    (ProductEngaged, ENGAGED, "long_clicks", 101),
    (ProductEngaged, ENGAGED, "impressions", -1),
    (ProductEngaged, ENGAGED, "impressions", 10**13),
    (ProductEngaged, ENGAGED, "impressions", float("nan")),
    (ProductEngaged, ENGAGED, "window_end", "2026-02-28T23:59:59Z"),
    (ProductEngaged, ENGAGED, "window_end", "2026-02-28T23:59:59"),
    (ProductEngaged, ENGAGED, "window_end", "0001-01-01T00:00:00+14:00"),
    (ProductEngaged, OPTION, "image", None),
    (ProductEngaged, ENGAGED, "image", BLOB),
    (ProductEngaged, OPTION, "request_id", ""),
    (ProductEngaged, OPTION, "style", "x" * 101),
    (StyleMined, MINED, "style", ""),
    (StyleMined, MINED, "style", "x" * 101),
    (StyleMined, MINED, "revision", -1),
    (StyleMined, MINED, "evidence", EVIDENCE | {"rate": 1.1}),
    (TrainingRequested, TRAINING, "steps", 10_000_001),
    (TrainingRequested, TRAINING, "steps", 1e15),
    (TrainingRequested, TRAINING, "learning_rate", float("inf")),
    (TrainingRequested, TRAINING, "learning_rate", float("nan")),
    (TrainingRequested, TRAINING, "learning_rate", 1.1),
    (TrainingRequested, TRAINING, "batch", 4097),
    (TrainingRequested, TRAINING, "size", 4097),
    (TrainingRequested, TRAINING, "rank", 257),
    (TrainingRequested, TRAINING, "seed", -1),
    (TrainingRequested, TRAINING, "seed", 2**63),
    (ModelPromoted, PROMOTED, "metrics", {"loss": float("nan")}),
    (ModelPromoted, PROMOTED, "sequence", 2**53),
    (TrainingProgressed, PROGRESSED, "loss", float("inf")),
    (SampleCurated, CURATED, "scores", {"area": float("-inf")}),
    (Scores, SCORES, "seam", float("nan")),
    (ProductWithdrawn, {"product_id": "p"}, "reason", "x" * 1001),
    (ProductWithdrawn, {"product_id": "p"}, "revision", -1),
]


@pytest.mark.parametrize(("kind", "good", "name", "value"), CANNOT_BE)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(
    kind: type[BaseModel], good: dict[str, Any], name: str, value: Any
) -> None:
    kind.model_validate(good)
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(good | {name: value})
    assert {str(error["loc"][0]) for error in caught.value.errors()} == {name}


def test_an_option_without_its_request_is_nobodys() -> None:
    with pytest.raises(ValidationError, match="named by `request_id` and `image` together"):
        ProductEngaged.model_validate(OPTION | {"request_id": None})
    with pytest.raises(ValidationError, match="named by `request_id` and `image` together"):
        ProductEngaged.model_validate(ENGAGED | {"request_id": "r-1"})


def test_two_hundred_characters_of_any_script_name_a_product() -> None:
    event = ProductSubmitted(product_id="杯" * 200, image=ImageSource(key="images/a.png"))
    assert ProductSubmitted.model_validate_json(event.model_dump_json()).key == "杯" * 200
    with pytest.raises(ValidationError, match="product_id"):
        ProductSubmitted(product_id="杯" * 201, image=ImageSource(key="images/a.png"))


def test_equal_events_have_equal_ids_and_different_ones_do_not() -> None:
    again = ProductSubmitted.model_validate_json(SUBMITTED.model_dump_json())
    other = SUBMITTED.model_copy(update={"product_id": "mug-2"})
    assert event_id(again) == event_id(SUBMITTED) != event_id(other)


def test_two_equal_scenes_of_one_product_are_two_requests_and_so_is_one_with_another_mask() -> None:
    first, second = (scene_request_id("mug-1", "0" * 64, None, index, Scene()) for index in (0, 1))
    masked, otherwise = (scene_request_id("mug-1", "0" * 64, mask * 64, 0, Scene()) for mask in "ab")
    assert len({first, second, masked, otherwise}) == 4


def test_every_event_has_one_topic_and_every_topic_its_retry_and_dead() -> None:
    assert len({topic.event for topic in TOPICS}) == len(TOPICS) == 18
    assert topic_of(SUBMITTED).retry == "product.submitted.v1.retry"
    assert topic_of(SUBMITTED).dead == "product.submitted.v1.dead"


def test_topic_names_use_dots_only() -> None:
    assert not [topic.name for topic in TOPICS if "_" in topic.name]
