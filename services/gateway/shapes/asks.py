"""What the gateway is asked, as JSON bodies. Unknown fields are refused: a slip must not be a wish unheard."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.contracts.blobs import Sha256
from shared.contracts.events import Fraction, ProductFacts, Scene, in_utc
from shared.contracts.topics import TOPICS

Count = Annotated[int, Field(ge=1, le=1_000_000)]
OwnId = Annotated[str, Field(min_length=1, max_length=200, description="what the platform calls it; made when absent")]
EVENT_TYPES = frozenset(f"backdrop.{topic.event.__name__}" for topic in TOPICS)
Url = Annotated[str, Field(max_length=2048, pattern=r"^https?://[^\s]+$")]


class Ask(BaseModel):
    """A body."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ProductAsk(Ask):
    """What a platform says of a product."""

    product_id: OwnId | None = None
    title: str | None = Field(default=None, max_length=500)
    description: str | None = Field(default=None, max_length=10_000)
    category: str | None = Field(default=None, max_length=200)
    promoted: bool = False
    may_train: bool = Field(default=False, description="the owner consents to training on this photo")
    scenes: tuple[Scene, ...] = Field(default=(), max_length=32)

    @property
    def facts(self) -> ProductFacts:
        """The part that travels with the product."""
        names = {"title", "description", "category", "promoted", "may_train"}
        return ProductFacts(**self.model_dump(include=names))


class ProductByUrl(ProductAsk):
    """A photo on the public web."""

    url: Url
    mask_url: Url | None = None


class SceneAsk(Scene):
    """A scene as it is asked for: what is not known is refused, and not painted without."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @property
    def scene(self) -> Scene:
        """The scene of the contract."""
        return Scene(**dict(self))


class Point(Ask):
    """A click, as fractions of the photo."""

    x: Fraction
    y: Fraction
    keep: bool = Field(default=True, description="true: this is the product; false: it is not")


class Corners(Ask):
    """A box, as fractions of the photo."""

    left: Fraction
    top: Fraction
    right: Fraction
    bottom: Fraction


class ClicksAsk(Ask):
    """Clicks on a photo that ask for a mask."""

    points: tuple[Point, ...] = Field(min_length=1, max_length=64)
    box: Corners | None = None
    longest_side: int | None = Field(
        default=None,
        ge=32,
        description="pixels; then the mask is no larger, and grey along its outline: scale it up, then cut it at 128",
    )


class ReviewAsk(Ask):
    """A vote on one option."""

    image: Sha256
    product_defect: bool = False
    background_defect: bool = False


class ActionAsk(Ask):
    """What somebody did with an option."""

    image: Sha256
    action: Literal["impression", "click", "pick", "unpick", "save", "download"]
    count: Count = 1


class EngagementAsk(Ask):
    """What people did with the options of one answer."""

    actions: tuple[ActionAsk, ...] = Field(min_length=1, max_length=200)


class ManyAsk(Ask):
    """One scene for many products."""

    product_ids: tuple[str, ...] = Field(min_length=1, max_length=500)
    scene: SceneAsk = SceneAsk()


class RollbackAsk(Ask):
    """Which revision is to be in use again."""

    revision: str = Field(min_length=1, max_length=200)


class SessionAsk(Ask):
    """The key to come in with."""

    key: str = Field(max_length=200)


def _known(kind: str) -> str:
    if kind not in EVENT_TYPES:
        raise ValueError(f"there is no event type {kind}; they are called as {min(EVENT_TYPES)}")
    return kind


EventType = Annotated[str, AfterValidator(_known)]


class WebhookAsk(Ask):
    """Where events are to go. No types: all of them."""

    url: Url
    types: tuple[EventType, ...] = Field(default=(), max_length=50)


class WebhookChange(Ask):
    """What is to be different; what is absent stays."""

    url: Url | None = None
    types: tuple[EventType, ...] | None = Field(default=None, max_length=50)
    active: bool | None = None
    new_secret: bool = Field(default=False, description="replace the secret; the answer has the new one")


class ReplayAsk(Ask):
    """What is to be delivered again: what is dead, or everything since a moment."""

    since: Annotated[datetime, AfterValidator(in_utc)] | None = None
