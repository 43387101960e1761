"""Following a submission through the events."""

from backdrop.submitting.progress import GivenUpMessage, SubmissionProgress, read_dead_letter
from backdrop.submitting.submissions import Refusal
from shared.contracts.events import (
    BackgroundRejected,
    ProductFacts,
    ProductSegmented,
    Segmentation,
)
from shared.contracts.topics import BACKGROUND_REQUESTED, PRODUCT_CAPTIONED, PRODUCT_SUBMITTED
from tests.fakes.answers import PHOTO, generated, never_submitted, product, reference, submission


def letter(topic: str, event: dict[str, object], service: str = "segmenter") -> GivenUpMessage:
    return GivenUpMessage(topic=topic, service=service, event=event, reason="image_broken", detail="it is damaged")


def test_stages_only_move_forward_and_answers_end_them() -> None:
    cup = product()
    progress = SubmissionProgress(submission(cup))
    assert progress.stage(cup) == "submitted"
    progress.hear(
        ProductSegmented(
            product_id="cup",
            image=reference(str(cup.image_key), PHOTO),
            facts=ProductFacts(),
            segmentation=Segmentation(segmenter="fake"),
        ),
        seconds=1.0,
    )
    assert progress.stage(cup) == "segmented"
    progress.hear(generated(cup, 0), seconds=2.0)
    assert (progress.answered(cup), progress.done) == (1, False)
    progress.hear(generated(cup, 1), seconds=3.0)
    assert (progress.stage(cup), progress.done) == ("answered", True)


def test_what_is_said_twice_counts_once_and_the_first_time_stands() -> None:
    cup = product()
    progress = SubmissionProgress(submission(cup))
    progress.hear(generated(cup), seconds=2.0)
    progress.hear(generated(cup), seconds=9.0)
    assert len(progress.answers) == 1
    assert progress.answers[cup.asked[0].request_id].seconds == 2.0


def test_answers_to_others_are_ignored() -> None:
    progress = SubmissionProgress(submission(product()))
    progress.hear(BackgroundRejected(product_id="cup", request_id="other", reason="x", detail="y"), seconds=1.0)
    assert progress.answers == {}


def test_a_dead_photo_answers_every_scene_with_the_reason() -> None:
    cup = product()
    progress = SubmissionProgress(submission(cup))
    event = {"product_id": "cup", "image": {"key": cup.image_key}}
    progress.hear_dead(letter(PRODUCT_SUBMITTED.name, event), seconds=1.5)
    assert progress.done
    assert {answer.outcome for answer in progress.answers.values()} == {
        Refusal(reason="image_broken", detail="it is damaged")
    }


def test_an_earlier_photo_of_the_same_product_is_not_ours() -> None:
    progress = SubmissionProgress(submission(product()))
    event = {"product_id": "cup", "image": {"key": "images/another.jpg"}}
    progress.hear_dead(letter(PRODUCT_SUBMITTED.name, event), seconds=1.0)
    assert progress.answers == {}
    assert [stray.reason for stray in progress.strays] == ["image_broken"]


def test_what_the_curator_could_not_judge_still_gets_its_scenes() -> None:
    cup = product()
    progress = SubmissionProgress(submission(cup))
    event = {"product_id": "cup", "image": {"sha256": cup.image_sha256}}
    progress.hear_dead(letter(PRODUCT_CAPTIONED.name, event, service="curator"), seconds=1.0)
    assert progress.answers == {}


def test_a_dead_request_answers_that_request_alone() -> None:
    cup = product()
    progress = SubmissionProgress(submission(cup))
    progress.hear_dead(letter(BACKGROUND_REQUESTED.name, {"request_id": cup.asked[1].request_id}), seconds=1.0)
    assert list(progress.answers) == [cup.asked[1].request_id]


def test_a_background_made_after_all_replaces_a_refusal() -> None:
    cup = product()
    progress = SubmissionProgress(submission(cup))
    progress.give_up(Refusal(reason="timed_out", detail="nothing came"), seconds=60.0)
    progress.hear(generated(cup), seconds=61.0)
    assert progress.answers[cup.asked[0].request_id].outcome == generated(cup)


def test_what_was_never_submitted_is_answered_from_the_start() -> None:
    progress = SubmissionProgress(submission(never_submitted()))
    assert progress.done
    assert progress.total == 2


def test_a_dead_letter_that_is_no_json_still_has_its_reason() -> None:
    headers = {"x-reason": "bad_event", "x-detail": "not JSON", "x-service": "segmenter"}
    for body in (b"\xff", b"[1]", b""):
        read = read_dead_letter(PRODUCT_SUBMITTED.name, body, headers)
        assert (read.reason, read.detail, read.event) == ("bad_event", "not JSON", {})
