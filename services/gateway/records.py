"""What the projection knows, as values: what was heard, and how products, backgrounds and the rest stand."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.blobs import BlobRef
from shared.contracts.events import (
    BackgroundGenerated,
    DatasetReleased,
    Event,
    ModelPromoted,
    ModelTrained,
    ProductCaptioned,
    ProductSegmented,
    ProductSubmitted,
    Scene,
    Segmentation,
)

Stage = Literal["submitted", "segmented", "captioned", "refused"]
Status = Literal["requested", "generated", "rejected"]


class FrozenRecord(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True)


class Told(FrozenRecord):
    """One event with its envelope. `body` is its JSON as it was published."""

    event: Event
    event_id: str
    type: str
    source: str
    time: datetime
    body: str


class Refusal(FrozenRecord):
    """Why there is nothing: a stable word, and words for people."""

    reason: str
    detail: str


class Product(FrozenRecord):
    """The newest word of each stage about one product."""

    product_id: str
    tenant: str
    stage: Stage
    created: datetime
    updated: datetime
    submitted: ProductSubmitted | None = None
    segmented: ProductSegmented | None = None
    captioned: ProductCaptioned | None = None
    refusal: Refusal | None = None
    withdrawn: bool = False
    backgrounds: Mapping[str, int] = {}

    @property
    def newest(self) -> ProductSubmitted | ProductSegmented | ProductCaptioned:
        """What was said last; of one revision the stage that knows most."""
        said = [one for one in (self.submitted, self.segmented, self.captioned) if one is not None]
        return max(reversed(said), key=lambda one: one.revision)

    @property
    def image(self) -> BlobRef | None:
        """The stored photo, once a stage has seen it."""
        return self._seen.image if self._seen else None

    @property
    def segmentation(self) -> Segmentation | None:
        """What the segmenter found in it."""
        return self._seen.segmentation if self._seen else None

    @cached_property
    def _seen(self) -> ProductCaptioned | ProductSegmented | None:
        seen = [one for one in (self.captioned, self.segmented) if one is not None]
        return max(seen, key=lambda one: one.revision, default=None)


class Tally(FrozenRecord):
    """How people met one option, over all windows, and how raters voted."""

    impressions: int = 0
    clicks: int = 0
    saves: int = 0
    long_clicks: int = 0
    raters: int = 0
    product_defects: int = 0
    background_defects: int = 0


class Background(FrozenRecord):
    """One request and its answer; `tallies` by the sha256 of the option."""

    product_id: str
    request_id: str
    tenant: str
    status: Status
    scene: Scene
    requested: datetime
    answered: datetime | None = None
    generated: BackgroundGenerated | None = None
    rejection: Refusal | None = None
    tallies: Mapping[str, Tally] = {}


class SampleVerdict(FrozenRecord):
    """The curator's verdict on one photo; `image` where the product is known with this very photo."""

    product_id: str
    image_sha256: str
    verdict: str
    reason: str
    scores: Mapping[str, float]
    told: datetime
    image: BlobRef | None = None


class Dataset(FrozenRecord):
    """One version of a dataset."""

    told: datetime
    event: DatasetReleased


class ModelRevision(FrozenRecord):
    """One revision of a model; `in_use`: no promotion of the model is newer."""

    model: str
    revision: str
    told: datetime
    trained: ModelTrained | None
    promoted: ModelPromoted | None
    in_use: bool


class Training(FrozenRecord):
    """Where one training job stands."""

    job_id: str
    stage: str
    step: int
    steps: int
    loss: float | None
    told: datetime
    failure: Refusal | None = None


class DeadLetter(FrozenRecord):
    """One message that a service gave up. `headers` as they came, so that it can be sent on its way again."""

    place: str
    topic: str
    key: str
    raw_key: bytes | None
    value: bytes
    headers: tuple[tuple[str, str | None], ...]
    reason: str
    detail: str
    service: str
    attempts: int
    failed: datetime
    replayed: bool = False


class LogLine(FrozenRecord):
    """One line of the log: what pages and webhooks are told."""

    sequence: int
    event_id: str
    type: str
    tenant: str | None
    product_id: str | None
    told: datetime
    body: str

    @cached_property
    def frame(self) -> bytes:
        """The line as a server-sent event, written once for all who hear it."""
        return f"id: {self.sequence}\nevent: {self.type}\ndata: {self.body}\n\n".encode()


class Page(FrozenRecord):
    """Some items, and where to go on; None at the end."""

    items: tuple[Any, ...]
    next_cursor: str | None = None
