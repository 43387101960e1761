"""Answers as a gateway gives them."""

from datetime import UTC, datetime

from backdrop.gateway.answers import Background, Met, Option, Picture, Votes
from shared.contracts.events import Scores

SHA = "a" * 64
PICTURE = Picture(
    url="/v1/files/backgrounds/r1/1.png?until=9&signature=abc",
    sha256=SHA,
    width=64,
    height=64,
    thumbnails={"160": "/v1/files/backgrounds/r1/1.png?size=160&until=9&signature=abc"},
    content_type="image/png",
    size=100,
)
OPTION = Option(
    rank=1,
    picture=PICTURE,
    seed=7,
    prompt="on oak",
    plate="oak-1",
    strength=0.4,
    model="mini@1",
    scores=Scores(expansion=0.0, shrinkage=0.0, seam=0.1, adherence=0.9, judge=0.8),
    picked=False,
    votes=Votes(raters=0, product_defects=0, background_defects=0),
    engagement=Met(impressions=0, clicks=0, saves=0, downloads=0),
)
BACKGROUND = Background(
    request_id="r1",
    product_id="mug",
    status="generated",
    scene={},
    read_as="on oak",
    notes=(),
    options=(OPTION,),
    refused=(),
    rejection=None,
    timings_s={},
    requested_at=datetime(2026, 1, 1, tzinfo=UTC),
    answered_at=None,
)
