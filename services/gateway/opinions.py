"""What people think of options: votes, looks, picks and downloads become events. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.gateway.records import Background
from shared.contracts.errors import NotKnown
from shared.contracts.events import BackgroundReviewed, GeneratedImage, ProductEngaged


def option_of(background: Background, sha256: str) -> GeneratedImage:
    """One option of a request, a refused one too. Raises NotKnown."""
    made = background.generated
    for option in (*made.images, *made.refused) if made else ():
        if option.image.sha256 == sha256:
            return option
    raise NotKnown("option_unknown", "this request has no option with that sha256")


def review(
    background: Background, sha256: str, vote: str, *, product_defect: bool, background_defect: bool
) -> BackgroundReviewed:
    """One vote on one option. `vote` names it and stands for its rater, so that who repeats it adds nothing."""
    return BackgroundReviewed(
        product_id=background.product_id,
        request_id=background.request_id,
        image=option_of(background, sha256).image,
        raters=1,
        product_defects=int(product_defect),
        background_defects=int(background_defect),
        rater=vote,
    )


@dataclass(frozen=True)
class Reaction:
    """What somebody did with an option, so many times."""

    sha256: str
    action: str
    count: int = 1


def engagement(background: Background, actions: Sequence[Reaction], now: datetime) -> list[ProductEngaged]:
    """Events for what people did: looks and clicks in a window of their own, a pick in one that can be taken back.

    A pick lies in the window of no length at the answer's time, so that a second one counts once and `unpick` replaces
    it with none. A download is a long click. A click is a look: there are at least as many impressions as clicks.
    """
    events = [_met(background, sha256, counts, now) for sha256, counts in _counted(actions).items() if counts]
    picks = {one.sha256: one.action for one in actions if one.action in ("pick", "save", "unpick")}
    return events + [_pick(background, sha256, action != "unpick") for sha256, action in picks.items()]


def _counted(actions: Sequence[Reaction]) -> dict[str, dict[str, int]]:
    names = {"impression": "impressions", "click": "clicks", "download": "long_clicks"}
    found: dict[str, dict[str, int]] = {}
    for one in actions:
        if one.action in names:
            counts = found.setdefault(one.sha256, {"impressions": 0, "clicks": 0, "long_clicks": 0})
            counts[names[one.action]] += one.count
    for counts in found.values():
        counts["impressions"] = max(counts.values())
    return found


def _met(background: Background, sha256: str, counts: dict[str, int], now: datetime) -> ProductEngaged:
    return _engaged(background, sha256, now, **counts)


def _pick(background: Background, sha256: str, picked: bool) -> ProductEngaged:
    at = background.answered or background.requested
    return _engaged(background, sha256, at, impressions=0, clicks=0, saves=int(picked))


def _engaged(background: Background, sha256: str, at: datetime, **counts: int) -> ProductEngaged:
    option = option_of(background, sha256)
    return ProductEngaged(
        product_id=background.product_id,
        window_start=at,
        window_end=at,
        request_id=background.request_id,
        image=option.image,
        style=background.scene.style,
        model=option.model[:400],
        **counts,
    )
