"""How far a submission is: events in, the stage of each product and the answer to each scene out. No I/O."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from backdrop.submitting.submissions import Refusal, Submission, SubmittedProduct
from shared.contracts.errors import BackdropError
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    Event,
    ProductCaptioned,
    ProductSegmented,
)
from shared.contracts.topics import BACKGROUND_REQUESTED, PRODUCT_CAPTIONED, PRODUCT_SEGMENTED, PRODUCT_SUBMITTED

Stage = Literal["submitted", "segmented", "captioned", "answered"]
Outcome = BackgroundGenerated | BackgroundRejected | Refusal

STAGES: tuple[Stage, ...] = ("submitted", "segmented", "captioned", "answered")
SERVING = {PRODUCT_SUBMITTED.name, PRODUCT_SEGMENTED.name, PRODUCT_CAPTIONED.name}


class Silence(BackdropError):
    """Nothing was heard for longer than the caller waits."""


@dataclass(frozen=True, kw_only=True)
class GivenUpMessage:
    """A message nobody could handle: `topic` is where it was first published, `service` who gave up on it."""

    topic: str
    service: str
    event: dict[str, Any]
    reason: str
    detail: str


def read_dead_letter(topic: str, value: bytes, headers: dict[str, str]) -> GivenUpMessage:
    """A dead letter as the runtime writes it; a body that is no JSON object is kept as an empty one."""
    try:
        body: Any = json.loads(value)
    except ValueError:
        body = {}
    return GivenUpMessage(
        topic=topic,
        service=headers.get("x-service", ""),
        event=body if isinstance(body, dict) else {},
        reason=headers.get("x-reason", "unknown"),
        detail=headers.get("x-detail", "no reason was given"),
    )


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The outcome of one scene and when it came, in seconds since the submission."""

    outcome: Outcome
    seconds: float


class SubmissionProgress:
    """Follows one submission. Everything said twice counts once; what others submitted is ignored."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.answers: dict[str, Answered] = {}
        self.strays: list[GivenUpMessage] = []
        self.news = 0  # how often anything changed
        self._owners = {asked.request_id: product for product, asked in submission.asked}
        self._stages: dict[tuple[str, str | None], Stage] = {}
        for product in submission.products:
            if product.refusal is not None:
                self._refuse(product, product.refusal, seconds=0.0)

    @property
    def done(self) -> bool:
        """Every scene has its answer."""
        return len(self.answers) == len(self._owners)

    @property
    def total(self) -> int:
        """Scenes asked for."""
        return len(self._owners)

    def stage(self, product: SubmittedProduct) -> Stage:
        """The furthest point a product has reached."""
        if all(asked.request_id in self.answers for asked in product.asked):
            return "answered"
        return self._stages.get((product.product_id, product.image_sha256), "submitted")

    def answered(self, product: SubmittedProduct) -> int:
        """How many of a product's scenes have an answer."""
        return sum(asked.request_id in self.answers for asked in product.asked)

    def hear(self, event: Event, *, seconds: float) -> None:
        """Take in an event of the serving lane."""
        if isinstance(event, ProductSegmented | ProductCaptioned):
            self._reach(event)
        elif isinstance(event, BackgroundGenerated | BackgroundRejected) and event.request_id in self._owners:
            self._answer(event.request_id, event, seconds=seconds)

    def hear_dead(self, letter: GivenUpMessage, *, seconds: float) -> None:
        """Take in a message nobody could handle: its scenes will get no other answer."""
        refusal = Refusal(reason=letter.reason, detail=letter.detail)
        if letter.topic == BACKGROUND_REQUESTED.name and letter.event.get("request_id") in self._owners:
            self._answer(letter.event["request_id"], refusal, seconds=seconds)
        elif letter.topic in SERVING and letter.service != "curator":
            product = self._named_by(letter.event)
            if product is not None:
                self._refuse(product, refusal, seconds=seconds)
            else:
                self.strays.append(letter)

    def give_up(self, refusal: Refusal, *, seconds: float) -> None:
        """Answer everything still open with one refusal, such as a timeout."""
        for product in self.submission.products:
            self._refuse(product, refusal, seconds=seconds)

    def _reach(self, event: ProductSegmented | ProductCaptioned) -> None:
        stage: Stage = "segmented" if isinstance(event, ProductSegmented) else "captioned"
        name = (event.product_id, event.image.sha256)
        if STAGES.index(stage) > STAGES.index(self._stages.get(name, "submitted")):
            self._stages[name] = stage
            self.news += 1

    def _named_by(self, event: dict[str, Any]) -> SubmittedProduct | None:
        """The product a failed event is about, if it is one of ours; the picture must be the same as well."""
        image = event.get("image")
        named = image if isinstance(image, dict) else {}
        for product in self.submission.products:
            same_picture = product.image_key is not None and (
                product.image_key == named.get("key") or product.image_sha256 == named.get("sha256")
            )
            if product.product_id == event.get("product_id") and same_picture:
                return product
        return None

    def _refuse(self, product: SubmittedProduct, refusal: Refusal, *, seconds: float) -> None:
        for asked in product.asked:
            self._answer(asked.request_id, refusal, seconds=seconds)

    def _answer(self, request_id: str, outcome: Outcome, *, seconds: float) -> None:
        """The first answer stands, but a background made after all replaces a refusal."""
        known = self.answers.get(request_id)
        better = (
            isinstance(outcome, BackgroundGenerated) and known and not isinstance(known.outcome, BackgroundGenerated)
        )
        if known is None or better:
            self.answers[request_id] = Answered(outcome=outcome, seconds=seconds)
            self.news += 1
