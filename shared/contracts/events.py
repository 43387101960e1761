"""Every message of the system, frozen and additive only: readers ignore unknown fields, writers send none.

Facts are past tense, requests end in `Requested`. Bytes never travel here, references do (`BlobRef`).
Events that describe state carry a number that grows (`revision`; a promotion's is its `sequence`): wherever two meet,
the older loses, whatever order they arrive in (docs/decisions/0004-revisions.md).
Each event names its topic in `shared.contracts.topics` and has a golden file in `tests/golden/events/`.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from shared.contracts.blobs import BlobRef, Sha256
from shared.contracts.styles import Light
from shared.contracts.vocabulary import View

Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
StyleName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
MOST_COUNTED = 10**12  # of people's actions; more would be all of mankind, many times
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED)]
Revision = Annotated[int, Field(ge=0, le=2**53 - 1)]  # a whole number that every JSON reader keeps exactly
Side = Literal["left", "top", "right", "bottom"]
TrainingStage = Literal["foundation", "inpaint", "product", "engaged", "judge"]
LINES: dict[TrainingStage, str] = {
    "foundation": "foundation", "inpaint": "inpaint", "product": "lora", "engaged": "lora", "judge": "judge",
}  # fmt: skip
"""Stages of one line replace each other: what wins in `product` is what `engaged` goes on from and has to beat."""


def in_utc(time: datetime) -> datetime:
    """A moment that can be compared; one without a zone is taken as UTC. Raises ValueError outside years 1–9999."""
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no moment of the calendar") from error


class Value(BaseModel):
    """A frozen part of an event."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Event(Value):
    """A message with a topic and a key."""

    @property
    def key(self) -> str:
        """The partition key: all messages of one product (dataset, job, model) stay in order."""
        return str(getattr(self, KEY_FIELDS[type(self).__name__]))


# --- what brands ask for ---------------------------------------------------------------------------------------------


class ImageSource(Value):
    """Where submitted bytes are: exactly one of a URL and an object key in the environment's bucket."""

    url: str | None = Field(default=None, max_length=2048)
    key: str | None = Field(default=None, max_length=1024)

    @model_validator(mode="after")
    def _exactly_one(self) -> "ImageSource":
        if (self.url is None) == (self.key is None):
            raise ValueError("give either `url` or `key`, not both and not neither")
        return self


class Placement(Value):
    """Where the product stands in the output. `original`: where the photo has it; `custom`: scaled and moved.

    `x`, `y` are the centre of the product's box as fractions of the output; `scale` is box height / output height.
    """

    mode: Literal["original", "custom"] = "original"
    scale: float | None = Field(default=None, gt=0.0, le=1.0)
    x: Fraction = 0.5
    y: Fraction = 0.6

    @model_validator(mode="after")
    def _custom_has_a_scale(self) -> "Placement":
        if self.mode == "custom" and self.scale is None:
            raise ValueError("a custom placement needs `scale` (the product's height / the output's height)")
        return self


class Scene(Value):
    """One wish for a background. Everything is optional: an empty Scene means "your best ideas"."""

    prompt: str | None = Field(default=None, max_length=1000)
    style: str | None = Field(default=None, max_length=100, description="name of a style")
    reference: ImageSource | None = Field(default=None, description="an image whose style to follow")
    strength: Fraction | None = Field(
        default=None, description="how far to leave the plate or reference: 0 keeps it, 1 is text alone"
    )
    negative_prompt: str | None = Field(default=None, max_length=1000)
    count: int = Field(default=1, ge=1, le=8, description="ranked images wanted")
    width: int | None = Field(default=None, ge=64, le=4096, description="pixels; the photo's own when absent")
    height: int | None = Field(default=None, ge=64, le=4096, description="pixels; the photo's own when absent")
    aspect: str | None = Field(default=None, pattern=r"^\d{1,3}:\d{1,3}$", description="width:height, such as 2:3")
    placement: Placement = Placement()
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1)
    format: Literal["png", "webp", "jpeg"] = Field(default="png", description="png and webp are lossless")


class SceneIdea(Value):
    """A scene the captioner proposes for a product; `view` says what the product lies on or stands before."""

    prompt: str
    view: Literal["standing", "flatlay", "backdrop"] = "standing"


# --- what travels with a product -------------------------------------------------------------------------------------


class ProductFacts(Value):
    """What the ad platform says of a product; carried along so that no stage must look it up."""

    title: str | None = Field(default=None, max_length=500)
    description: str | None = Field(default=None, max_length=10_000)
    category: str | None = Field(default=None, max_length=200)
    merchant: str | None = Field(default=None, max_length=200, description="who sells it; no merchant rules the taste")
    promoted: bool = False
    may_train: bool = Field(default=False, description="the owner consents to training on this photo")


class Box(Value):
    """A rectangle in pixels of the photo."""

    x: int = Field(ge=0)
    y: int = Field(ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Segmentation(Value):
    """What the segmenter found. `refusal` names why the photo cannot be used; then there is no mask."""

    mask: BlobRef | None = Field(default=None, description="one channel, the photo's size, only 0 and 255 = product")
    confidence: Fraction = 0.0
    backdrop: Literal["plain", "scene"] = "plain"
    box: Box | None = None
    area: Fraction = Field(default=0.0, description="product pixels / photo pixels")
    border_contact: tuple[Side, ...] = ()
    segmenter: str = Field(description="name and version")
    given_mask: str | None = Field(default=None, description="sha256 of the merchant's own mask, where one came along")
    refusal: str | None = None
    refusal_detail: str | None = None


class Caption(Value):
    """What the captioner read. Short is a few words, long is a sentence."""

    product_short: str
    product_long: str
    background_short: str
    background_long: str
    ideas: tuple[SceneIdea, ...] = ()
    captioner: str = Field(description="name and version")


# --- the serving lane ------------------------------------------------------------------------------------------------


class ProductSubmitted(Event):
    """A product photo exists."""

    product_id: Identifier
    image: ImageSource
    facts: ProductFacts = ProductFacts()
    mask: ImageSource | None = Field(default=None, description="a merchant's own mask, honoured as it is")
    scenes: tuple[Scene, ...] = Field(default=(), max_length=32)
    revision: Revision = Field(
        default=0,
        description="grows with all that is said of the product, such as milliseconds since 1970; 0: unnumbered",
    )


class ProductSegmented(Event):
    """The product was found in the photo, or the photo was refused."""

    product_id: Identifier
    image: BlobRef
    facts: ProductFacts
    segmentation: Segmentation
    scenes: tuple[Scene, ...] = ()
    revision: Revision = Field(default=0, description="of the submission; an unnumbered one got the time it was seen")


class ProductCaptioned(Event):
    """Product and background were described. `caption` is absent when the photo was refused."""

    product_id: Identifier
    image: BlobRef
    facts: ProductFacts
    segmentation: Segmentation
    caption: Caption | None = None
    scenes: tuple[Scene, ...] = ()
    revision: Revision = Field(default=0, description="of the submission")


class BackgroundRequested(Event):
    """One more scene for a product that is already known."""

    product_id: Identifier
    request_id: Identifier
    scene: Scene = Scene()


class Scores(Value):
    """Measured on every output; areas relative to the product's, all but `adherence` and `judge` better when low."""

    expansion: float = Field(description="area(found mask outside the product) / area(product)")
    shrinkage: float = Field(description="area(product outside the found mask) / area(product)")
    seam: float = Field(description="colour step across the matte's edge that the photo itself does not have, 0..1")
    adherence: float = Field(description="agreement of the background with the prompt, 0..1")
    judge: float = Field(description="probability that a rater finds no defect, 0..1")


class GeneratedImage(Value):
    """One ranked option."""

    image: BlobRef
    seed: int
    prompt: str
    scores: Scores
    plate: str | None = Field(default=None, description="the plate it started from; absent for text alone")
    strength: Fraction = Field(default=1.0, description="how far it left the plate; 1 is text alone")
    model: str = Field(description="base model @ LoRA revision")


class BackgroundGenerated(Event):
    """Ranked options for one request, the best first."""

    product_id: Identifier
    request_id: Identifier
    scene: Scene
    photo: BlobRef
    mask: BlobRef
    images: tuple[GeneratedImage, ...] = Field(min_length=1)
    refused: tuple[GeneratedImage, ...] = Field(default=(), description="candidates that did not pass the judge")
    notes: tuple[str, ...] = Field(default=(), description="what the brand should know, e.g. words not understood")
    timings_s: dict[str, float] = {}


class BackgroundRejected(Event):
    """No background for one request, and why."""

    product_id: Identifier
    request_id: Identifier
    reason: str = Field(description="a stable snake_case word")
    detail: str = Field(description="the same in words a person understands")
    scene: Scene = Scene()


class BackgroundReviewed(Event):
    """Raters' votes on one output; they train the judge."""

    product_id: Identifier
    request_id: Identifier
    image: BlobRef
    raters: int = Field(ge=1, le=1_000_000)
    product_defects: int = Field(ge=0, description="raters who saw a product defect")
    background_defects: int = Field(ge=0, description="raters who saw a background defect")
    rater: Identifier | None = Field(
        default=None, description="whose votes these are: they stand beside those of others and replace their own"
    )

    @model_validator(mode="after")
    def _no_more_votes_than_raters(self) -> "BackgroundReviewed":
        if max(self.product_defects, self.background_defects) > self.raters:
            raise ValueError("more votes than raters")
        return self


# --- the learning lane -----------------------------------------------------------------------------------------------


class Engagement(Value):
    """How often people met a picture, and what they did."""

    impressions: Count
    clicks: Count
    saves: Count = 0
    long_clicks: Count = 0

    @field_validator("clicks", "long_clicks")
    @classmethod
    def _no_click_without_a_look(cls, clicks: int, known: ValidationInfo) -> int:
        """A save may come from elsewhere; a click needs a picture that was seen."""
        if clicks > known.data.get("impressions", clicks):
            raise ValueError("more than impressions; a click counts in the window of its impression")
        return clicks


class ProductEngaged(Engagement, Event):
    """How people met a product's own photo in a window of time or, with `request_id` and `image`, one of its options.

    Counts of the photo and of its options are apart: none holds another.
    """

    product_id: Identifier
    window_start: datetime
    window_end: datetime
    request_id: Identifier | None = Field(default=None, description="of the `background.generated` that has the option")
    image: BlobRef | None = Field(
        default=None, validate_default=True, description="the option that was shown, as that event names it"
    )
    style: str | None = Field(default=None, max_length=100, description="the style the option was asked in, if any")
    model: str | None = Field(default=None, max_length=400, description="what painted it: base model @ LoRA revision")

    @field_validator("window_end")
    @classmethod
    def _ends_after_it_starts(cls, end: datetime, known: ValidationInfo) -> datetime:
        if in_utc(end) < in_utc(known.data.get("window_start", end)):
            raise ValueError("before window_start")
        return end

    @field_validator("image")
    @classmethod
    def _an_option_is_named_whole(cls, image: BlobRef | None, known: ValidationInfo) -> BlobRef | None:
        if "request_id" in known.data and (image is None) != (known.data["request_id"] is None):
            raise ValueError("an option is named by `request_id` and `image` together")
        return image


class ProductWithdrawn(Event):
    """Opt-out: never train on it again, forget its samples."""

    product_id: Identifier
    reason: str = Field(default="withdrawn by its owner", max_length=1000)
    revision: Revision = Field(default=0, description="of two reasons the newer one stays; no number undoes an opt-out")


class SampleCurated(Event):
    """The curator's verdict on one photo as a training sample."""

    product_id: Identifier
    image_sha256: Sha256
    verdict: Literal["kept", "dropped"]
    reason: str = Field(description="`kept`, or the rule that dropped it")
    scores: dict[str, float] = {}


class StyleEvidence(Value):
    """Why a style is one: what people did with the pictures that show it, in the release it was mined with."""

    pictures: int = Field(ge=0, description="engaged pictures that show it")
    lift: float = Field(ge=0.0, description="how much more often it comes up among engaged pictures than among all")
    impressions: Count = 0
    wanted: Count = Field(default=0, description="clicks, long clicks and saves on them")
    rate: Fraction = Field(default=0.0, description="wanted / impressions, drawn towards the rate of all pictures")
    low: Fraction = Field(default=0.0, description="lower end of the rate's 95 % interval")
    high: Fraction = Field(default=1.0, description="upper end")
    dataset_version: Identifier = Field(description="the release of `engaged`")


class StyleExample(Value):
    """A picture that shows a style: a product's own photo or, with `request_id`, an option."""

    product_id: Identifier
    image: BlobRef
    request_id: Identifier | None = None
    score: float = Field(ge=0.0, description="how well it is liked, as the release weighed it")
    caption: str | None = Field(default=None, description="what stands behind the product, in words")
    plate: str | None = Field(default=None, description="the plate it was painted from")


class StylePlate(Value):
    """An engaged picture without its product, from which backgrounds may start; `Plate` says what the fields mean."""

    image: BlobRef
    view: View = "standing"
    surface_line: Fraction | None = None
    light: Light = Light()
    surface: str | None = None
    backdrop: str | None = None
    captions: tuple[str, ...] = ()


class StyleMined(Event):
    """A style as people's engagement has it now; the topic is compacted by style. A retired one is no longer liked."""

    style: StyleName = Field(description="as a request may give it")
    revision: Revision = Field(description="grows with each release that changes the style; the older one loses")
    words: tuple[str, ...] = Field(description="descriptors that go with it, its own first")
    evidence: StyleEvidence
    examples: tuple[StyleExample, ...] = ()
    plates: tuple[StylePlate, ...] = ()
    retired: bool = False


class DatasetReleased(Event):
    """A versioned dataset is complete."""

    dataset: Identifier
    version: Identifier
    manifest: BlobRef
    samples: int = Field(ge=0)
    counts: dict[str, int] = {}


class TrainingRequested(Event):
    """Train one stage."""

    job_id: Identifier
    stage: TrainingStage
    model: Identifier = Field(description="name of the model that is trained, such as mini-inpainter")
    base: str | None = Field(
        default=None, description="path, hub id or revision to start from; the service's own when absent"
    )
    dataset: Identifier
    dataset_version: Identifier
    steps: int | None = Field(default=None, ge=1, le=10_000_000)
    rank: int | None = Field(default=None, ge=1, le=256)
    learning_rate: float | None = Field(default=None, gt=0.0, le=1.0)
    batch: int | None = Field(default=None, ge=1, le=4096)
    size: int | None = Field(default=None, ge=64, le=4096, description="pixels")
    seed: int = Field(default=0, ge=0, le=2**63 - 1)


class TrainingProgressed(Event):
    """Where a training job stands."""

    job_id: Identifier
    stage: TrainingStage
    step: int = Field(ge=0)
    steps: int = Field(ge=1)
    loss: float
    samples_per_s: float = Field(ge=0.0)
    validation: tuple[BlobRef, ...] = Field(default=(), description="pictures of held-out samples, painted by now")
    validation_loss: float | None = Field(default=None, description="on held-out samples with fixed noise")


class TrainingFailed(Event):
    """A job ended without a model; `reason` is a stable word, `detail` is for people."""

    job_id: Identifier
    stage: TrainingStage | None = Field(default=None, description="absent when the job's request could not be read")
    model: Identifier | None = None
    reason: str = Field(min_length=1, max_length=100)
    detail: str = Field(default="", max_length=2000)


class ModelTrained(Event):
    """Weights exist, with their lineage; not yet in use."""

    model: Identifier
    revision: Identifier
    job_id: Identifier
    stage: TrainingStage
    base: str
    weights: BlobRef
    metrics: dict[str, float] = {}
    dataset: Identifier
    dataset_version: Identifier


class ModelPromoted(Event):
    """The newest revision of a model that is in use; the topic is compacted by what replaces each other (`place`)."""

    model: Identifier
    revision: Identifier
    stage: TrainingStage
    base: str
    weights: BlobRef
    metrics: dict[str, float] = {}
    sequence: Revision = Field(default=0, description="grows with each promotion of the model; the older one loses")

    @property
    def place(self) -> str:
        """The line of a model that this revision is the newest of; LoRAs have one per base."""
        line = LINES[self.stage]
        return f"{self.model}/{line}/{self.base}" if line == "lora" else f"{self.model}/{line}"


class RollbackRequested(Event):
    """Put an earlier revision of a model back into use."""

    request_id: Identifier
    model: Identifier
    revision: Identifier | None = Field(default=None, description="the one before the one in use when absent")
    reason: str = Field(default="", max_length=1000, description="for people")


KEY_FIELDS = {
    **dict.fromkeys(
        [
            "ProductSubmitted",
            "ProductSegmented",
            "ProductCaptioned",
            "BackgroundRequested",
            "BackgroundGenerated",
            "BackgroundRejected",
            "BackgroundReviewed",
            "ProductEngaged",
            "ProductWithdrawn",
            "SampleCurated",
        ],
        "product_id",
    ),
    "StyleMined": "style",
    "DatasetReleased": "dataset",
    "TrainingRequested": "job_id",
    "TrainingProgressed": "job_id",
    "TrainingFailed": "job_id",
    "ModelTrained": "model",
    "ModelPromoted": "place",
    "RollbackRequested": "model",
}
