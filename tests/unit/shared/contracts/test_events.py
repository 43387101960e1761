"""The messages' own rules; that yesterday's messages parse is the golden files' business."""

import pytest
from pydantic import ValidationError

from shared.contracts.events import BackgroundReviewed, ImageSource, Placement, ProductSubmitted, Scene
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


def test_equal_events_have_equal_ids_and_different_ones_do_not() -> None:
    again = ProductSubmitted.model_validate_json(SUBMITTED.model_dump_json())
    other = SUBMITTED.model_copy(update={"product_id": "mug-2"})
    assert event_id(again) == event_id(SUBMITTED) != event_id(other)


def test_two_equal_scenes_of_one_product_are_two_requests() -> None:
    first, second = (scene_request_id("mug-1", "0" * 64, index, Scene()) for index in (0, 1))
    assert first != second


def test_every_event_has_one_topic_and_every_topic_its_retry_and_dead() -> None:
    assert len({topic.event for topic in TOPICS}) == len(TOPICS) == 15
    assert topic_of(SUBMITTED).retry == "product.submitted.v1.retry"
    assert topic_of(SUBMITTED).dead == "product.submitted.v1.dead"


def test_topic_names_use_dots_only() -> None:
    assert not [topic.name for topic in TOPICS if "_" in topic.name]
