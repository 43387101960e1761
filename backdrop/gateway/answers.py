"""What a gateway answers. Read leniently, as events are: a newer gateway may say more."""

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.events import Box, SceneIdea, Scores, Side

ItemT = TypeVar("ItemT")
Stage = Literal["submitted", "segmented", "captioned", "refused"]
Status = Literal["requested", "generated", "rejected"]


class Reply(BaseModel):
    """A frozen part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Page(Reply, Generic[ItemT]):
    """A page of a list, the newest first."""

    items: tuple[ItemT, ...]
    next_cursor: str | None


class Session(Reply):
    """Whom the key belongs to, and what it may do."""

    tenant: str
    name: str
    scopes: tuple[str, ...]
    single_user: bool
    mask_clicks: bool


class Picture(Reply):
    """Stored pixels. `url` and `thumbnails` (by longer side, px) are paths with a signature that ends after minutes."""

    url: str
    thumbnails: dict[str, str]
    sha256: str
    width: int | None
    height: int | None
    content_type: str
    size: int


class Refusal(Reply):
    """Why there is nothing: a stable word, and words for people."""

    reason: str
    detail: str


class Mask(Reply):
    """The product's mask. `box` in pixels of the photo; `area` and `confidence` are fractions."""

    picture: Picture
    confidence: float
    backdrop: Literal["plain", "scene"]
    box: Box | None
    area: float
    border_contact: tuple[Side, ...]
    made_by: str


class Proposal(Reply):
    """A mask that clicks ask for, as a data: URL of a PNG; nothing is saved."""

    mask: str
    area: float
    box: Box | None


class Caption(Reply):
    """What was read in the photo."""

    product_short: str
    product_long: str
    background_short: str
    background_long: str


class Counts(Reply):
    """Requests of a product by status."""

    requested: int
    generated: int
    rejected: int


class Product(Reply):
    """A product as it stands. A photo that cannot be used has the stage `refused`, and says why in `refusal`."""

    product_id: str
    revision: int
    stage: Stage
    title: str | None
    description: str | None
    category: str | None
    promoted: bool
    may_train: bool
    withdrawn: bool
    image: Picture | None
    mask: Mask | None
    refusal: Refusal | None
    caption: Caption | None
    ideas: tuple[SceneIdea, ...]
    backgrounds: Counts
    created_at: datetime
    updated_at: datetime


class Votes(Reply):
    """Raters' votes on an option."""

    raters: int
    product_defects: int
    background_defects: int


class Met(Reply):
    """How people met an option."""

    impressions: int
    clicks: int
    saves: int
    downloads: int


class Option(Reply):
    """One option; rank 1 is the best."""

    rank: int
    picture: Picture
    seed: int
    prompt: str
    plate: str | None
    strength: float
    model: str
    scores: Scores
    votes: Votes
    engagement: Met
    picked: bool


class Background(Reply):
    """A request and its answer. `read_as`: the prompt as it was painted; `refused`: what the judge did not pass."""

    request_id: str
    product_id: str
    status: Status
    scene: dict[str, Any]
    read_as: str | None
    notes: tuple[str, ...]
    options: tuple[Option, ...]
    refused: tuple[Option, ...]
    rejection: Refusal | None
    timings_s: dict[str, float]
    requested_at: datetime
    answered_at: datetime | None


class Reference(Reply):
    """An uploaded picture; a scene follows its style with `reference=ImageSource(key=…)`."""

    key: str
    picture: Picture


class Asked(Reply):
    """A request that was handed on."""

    product_id: str
    request_id: str


class AskedMany(Reply):
    """One request for each product."""

    requests: tuple[Asked, ...]


class Done(Reply):
    """How many things were handed on."""

    accepted: int


class Slot(Reply):
    """A usual size of ads, in pixels."""

    name: str
    width: int
    height: int
    aspect: str


class Plate(Reply):
    """An example picture of a style; `surface_line` as a fraction of its height, from above."""

    url: str
    width: int
    height: int
    surface_line: float | None
    camera_elevation_deg: float


class Style(Reply):
    """A named style: `name` is what a scene gives as its `style`."""

    name: str
    words: tuple[str, ...]
    view: str
    mined: bool
    pictures: tuple[str, ...]
    plates: tuple[Plate, ...]


class Model(Reply):
    """A revision of a model; `promoted`: it is the one in use."""

    model: str
    revision: str
    stage: str
    base: str
    promoted: bool
    sequence: int
    metrics: dict[str, float]
    job_id: str | None = None
    at: datetime
