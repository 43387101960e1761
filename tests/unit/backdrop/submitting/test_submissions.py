"""What is remembered of a submission."""

from datetime import timedelta
from pathlib import Path

import pytest

from backdrop.submitting.photos import ProductPhoto
from backdrop.submitting.submissions import Submission, Submissions, new_submission, submitted
from shared.contracts.blobs import digest, image_key
from shared.contracts.errors import BadRequest
from shared.contracts.events import ProductFacts, ProductSubmitted, Scene
from shared.contracts.identity import scene_request_id
from tests.fakes.answers import NOON, never_submitted, product, submission


def test_a_submission_read_back_is_the_one_that_was_saved(tmp_path: Path) -> None:
    saved = submission(product(), never_submitted())
    Submissions(tmp_path).save(saved)
    assert Submissions(tmp_path).load() == saved
    assert Submissions(tmp_path).load(saved.id) == saved


def test_without_a_name_the_last_one_is_meant(tmp_path: Path) -> None:
    later = new_submission((product(),), now=NOON + timedelta(seconds=1))
    Submissions(tmp_path).save(later)
    Submissions(tmp_path).save(submission(product()))
    assert Submissions(tmp_path).load().id == later.id


def test_nothing_submitted_and_unknown_names_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as nothing:
        Submissions(tmp_path / "none").load()
    Submissions(tmp_path).save(submission(product()))
    with pytest.raises(BadRequest) as unknown:
        Submissions(tmp_path).load("../../etc/passwd")
    assert (nothing.value.reason, unknown.value.reason) == ("nothing_submitted", "submission_unknown")


def test_the_same_photo_and_scene_always_get_the_same_request_id() -> None:
    assert product().asked == product().asked
    assert product().asked[0].request_id != product("other").asked[0].request_id


def test_a_scene_has_the_request_id_by_which_its_answer_will_go() -> None:
    photo = ProductPhoto(product_id="cup", path=Path("cup.png"), facts=ProductFacts())
    one = submitted(photo, b"photo", (Scene(),), mask=b"mask", now=NOON)
    assert one.asked[0].request_id == scene_request_id("cup", digest(b"photo"), digest(b"mask"), 0, Scene())
    assert one.mask_key == image_key(digest(b"mask"), "png")


def test_a_photo_becomes_the_event_that_submits_it() -> None:
    event = product().event()
    assert isinstance(event, ProductSubmitted)
    assert event.image.key == product().image_key
    assert [scene.prompt for scene in event.scenes] == ["on <marble>", None]


def test_the_number_of_a_submission_is_its_moment_and_changes_no_request_id() -> None:
    later = product(now=NOON + timedelta(seconds=2))
    assert product().event().revision == 1_772_366_400_000  # 2026-03-01 12:00:00 UTC
    assert later.event().revision == 1_772_366_402_000
    assert [asked.request_id for asked in later.asked] == [asked.request_id for asked in product().asked]


def test_fields_of_a_later_version_do_not_break_reading() -> None:
    text = submission(product()).model_dump_json().replace('"id":', '"mood":"good","id":', 1)
    assert Submission.model_validate_json(text) == submission(product())
