"""Raters' words about one output as the votes that train the judge. Pure."""

from collections import Counter

from shared.contracts.errors import BadRequest
from shared.contracts.events import BackgroundGenerated, BackgroundRejected, BackgroundReviewed

WORDS = ("ok", "product", "background", "both")


def reviewed(
    outcome: BackgroundGenerated | BackgroundRejected, votes: str, rank: int, rater: str | None = None
) -> BackgroundReviewed:
    """The event for option `rank` of an outcome; `votes` has one of WORDS for each rater, between commas.

    Raters who disagree stay so: their share is what the judge learns. Raises BadRequest for other words, a rank that
    is not there, or a request that has no pictures.
    """
    said = [vote.strip().lower() for vote in votes.split(",") if vote.strip()]
    strange = [vote for vote in said if vote not in WORDS]
    if strange or not said:
        words = f"`{strange[0]}` is no vote" if strange else "there is no vote"
        raise BadRequest("vote_not_known", f"{words}; give one of {', '.join(WORDS)} for each rater")
    if isinstance(outcome, BackgroundRejected):
        raise BadRequest("nothing_to_review", f"request {outcome.request_id} has no pictures: {outcome.detail}")
    if rank > len(outcome.images):
        raise BadRequest("option_not_known", f"request {outcome.request_id} has {len(outcome.images)} options")
    counts = Counter(said)
    return BackgroundReviewed(
        product_id=outcome.product_id,
        request_id=outcome.request_id,
        image=outcome.images[rank - 1].image,
        raters=len(said),
        product_defects=counts["product"] + counts["both"],
        background_defects=counts["background"] + counts["both"],
        rater=rater,
    )
