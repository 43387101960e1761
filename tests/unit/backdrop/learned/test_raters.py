"""Raters' words become votes; that they disagree is kept."""

import pytest

from backdrop.learned.raters import reviewed
from shared.contracts.blobs import BlobRef
from shared.contracts.errors import BadRequest
from shared.contracts.events import BackgroundGenerated, BackgroundRejected, GeneratedImage, Scene, Scores

REF = BlobRef(bucket="backdrop", key="backgrounds/r-1/1.png", sha256="0" * 64, size=1)
SCORES = Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
MADE = BackgroundGenerated(
    product_id="mug",
    request_id="r-1",
    scene=Scene(),
    photo=REF,
    mask=REF,
    images=(GeneratedImage(image=REF, seed=1, prompt="a wall", scores=SCORES, model="m@base"),),
)


def test_two_raters_who_disagree_are_two_votes() -> None:
    event = reviewed(MADE, "ok, product", 1)
    assert (event.raters, event.product_defects, event.background_defects) == (2, 1, 0)
    assert (event.product_id, event.request_id, event.image) == ("mug", "r-1", REF)


def test_one_rater_may_see_both() -> None:
    event = reviewed(MADE, "both,background,ok", 1)
    assert (event.raters, event.product_defects, event.background_defects) == (3, 1, 2)


@pytest.mark.parametrize(
    ("votes", "rank", "reason"),
    [("fine", 1, "vote_not_known"), (" ,", 1, "vote_not_known"), ("ok", 2, "option_not_known")],
)
def test_what_is_no_vote_is_refused_in_words(votes: str, rank: int, reason: str) -> None:
    with pytest.raises(BadRequest) as refused:
        reviewed(MADE, votes, rank)
    assert refused.value.reason == reason


def test_a_request_without_pictures_has_nothing_to_review() -> None:
    rejected = BackgroundRejected(product_id="mug", request_id="r-1", reason="no", detail="the photo is blurred")
    with pytest.raises(BadRequest, match="has no pictures: the photo is blurred"):
        reviewed(rejected, "ok", 1)
