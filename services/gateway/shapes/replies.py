"""What the gateway answers, as JSON: the names and shapes of the API. Additive only, as events are."""

import json
from datetime import datetime
from functools import cached_property
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.callers.keys import Scope
from services.gateway.records import Refusal, Stage, Status
from shared.contracts.events import Box, SceneIdea, Scores, Side


class Reply(BaseModel):
    """A frozen part of an answer."""

    model_config = ConfigDict(frozen=True)

    @cached_property
    def written(self) -> str:
        """The reply as JSON, written once for all who ask."""
        return self.model_dump_json()


ItemT = TypeVar("ItemT", bound=Reply)


class FieldProblem(Reply):
    """What is wrong with one field."""

    field: str
    detail: str


class Problem(Reply):
    """An error as RFC 9457 has it (application/problem+json); `reason` is a stable word for programs."""

    type: str = "about:blank"
    title: str
    status: int
    reason: str
    detail: str
    field: str | None = None
    errors: tuple[FieldProblem, ...] = ()


class Paged(Reply, Generic[ItemT]):
    """A page of a list, the newest first; `next_cursor` is absent at the end."""

    items: tuple[ItemT, ...]
    next_cursor: str | None = None

    @cached_property
    def written(self) -> str:
        """The page as JSON: what its items have in common with the page before is not written again."""
        items = ",".join(item.written for item in self.items)
        return f'{{"items":[{items}],"next_cursor":{json.dumps(self.next_cursor)}}}'


class Picture(Reply):
    """Stored pixels: signed links that end after some minutes, to the bytes and to thumbnails by their longer side."""

    url: str
    thumbnails: dict[str, str]
    sha256: str
    width: int | None = None
    height: int | None = None
    content_type: str
    size: int = Field(description="bytes")


class SessionReply(Reply):
    """Who is in, and what this gateway can do."""

    tenant: str
    name: str
    scopes: tuple[Scope, ...]
    single_user: bool
    mask_clicks: bool = Field(description="whether clicks on a mask are answered")


class MaskReply(Reply):
    """The product's mask."""

    picture: Picture
    confidence: float
    backdrop: Literal["plain", "scene"]
    box: Box | None
    area: float
    border_contact: tuple[Side, ...]
    made_by: str


class CaptionReply(Reply):
    """What the captioner read."""

    product_short: str
    product_long: str
    background_short: str
    background_long: str


class Counts(Reply):
    """Requests of a product by status."""

    requested: int = 0
    generated: int = 0
    rejected: int = 0


class ProductReply(Reply):
    """A product as it stands. `withdrawn`: opted out of training."""

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
    mask: MaskReply | None
    refusal: Refusal | None
    caption: CaptionReply | None
    ideas: tuple[SceneIdea, ...]
    backgrounds: Counts
    created_at: datetime
    updated_at: datetime


class ProposalReply(Reply):
    """A mask that clicks ask for, as a data: URL; nothing is saved."""

    mask: str = Field(description="PNG of the photo's size, 0 and 255; smaller and softer where `longest_side` asks so")
    area: float
    box: Box | None = Field(description="around the product, in pixels of this mask")


class ReferenceReply(Reply):
    """An uploaded picture whose style a scene may follow: give `key` as its `reference`."""

    key: str
    picture: Picture


class Votes(Reply):
    """Raters' votes on an option."""

    raters: int = 0
    product_defects: int = 0
    background_defects: int = 0


class Met(Reply):
    """How people met an option."""

    impressions: int = 0
    clicks: int = 0
    saves: int = 0
    downloads: int = 0


class OptionReply(Reply):
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


class BackgroundReply(Reply):
    """A request and its answer. `read_as`: the prompt as it was painted; `refused`: what the judge did not pass."""

    request_id: str
    product_id: str
    status: Status
    scene: dict[str, object]
    read_as: str | None
    notes: tuple[str, ...]
    options: tuple[OptionReply, ...]
    refused: tuple[OptionReply, ...]
    rejection: Refusal | None
    timings_s: dict[str, float]
    requested_at: datetime
    answered_at: datetime | None


class SlotReply(Reply):
    """A usual size of ads."""

    name: str
    width: int
    height: int
    aspect: str


class PlateReply(Reply):
    """An example picture of a style; `surface_line`: where its surface ends, in fractions of its height, from above."""

    url: str
    width: int
    height: int
    surface_line: float | None
    camera_elevation_deg: float


class SampleReply(Reply):
    """A sample photo, with the merchant's mask where there is one."""

    name: str
    title: str
    description: str | None
    category: str | None
    url: str
    mask_url: str | None


class StyleReply(Reply):
    """A named style: `name` is what a scene gives as its `style`."""

    name: str
    words: tuple[str, ...]
    view: str
    mined: bool
    pictures: tuple[str, ...]
    plates: tuple[PlateReply, ...] = Field(default=(), description="of bundled styles, in the order of `pictures`")


class Done(Reply):
    """Something was handed on."""

    accepted: int = 1
