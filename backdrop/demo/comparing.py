"""The same wish painted before a training and after it."""

from dataclasses import dataclass

from backdrop.demo.client import EmbeddedClient
from backdrop.output.learning import BeforeAfter
from backdrop.output.results import ResultsFolder
from backdrop.submitting.progress import SubmissionProgress
from backdrop.submitting.submissions import SubmittedProduct
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    GeneratedImage,
    Scene,
)

COMPARED_AT = 0.5  # strength: further from the plate than usual, so that the painter's own hand shows


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One wish before and after, as the events told it."""

    product: SubmittedProduct
    before: BackgroundGenerated
    after: BackgroundGenerated


def subject_of(progress: SubmissionProgress) -> tuple[SubmittedProduct, GeneratedImage] | None:
    """The product to compare on: the one with the picture that the judge likes best."""
    made = [
        (product, answer.outcome.images[0])
        for product, asked in progress.submission.asked
        if (answer := progress.answers.get(asked.request_id)) and isinstance(answer.outcome, BackgroundGenerated)
    ]
    return max(made, key=lambda one: one[1].scores.judge, default=None)


def painted(
    client: EmbeddedClient, subject: tuple[SubmittedProduct, GeneratedImage], when: str
) -> BackgroundGenerated | None:
    """The same wish with the same seed, drawn by whatever model is in use now; None when it was refused."""
    product, image = subject
    request_id = f"{when}-{product.asked[0].request_id}"
    scene = Scene(prompt=image.prompt, seed=image.seed, strength=COMPARED_AT)
    client.publish([BackgroundRequested(product_id=product.product_id, request_id=request_id, scene=scene)])

    def outcomes() -> list[BackgroundGenerated | BackgroundRejected]:
        made, refused = client.of(BackgroundGenerated), client.of(BackgroundRejected)
        answers: list[BackgroundGenerated | BackgroundRejected] = [*made, *refused]
        return [answer for answer in answers if answer.request_id == request_id]

    client.until(lambda: bool(outcomes()), what=f"the picture {when} training")
    outcome = outcomes()[0]
    return outcome if isinstance(outcome, BackgroundGenerated) else None


def compared(pair: Pair, folder: ResultsFolder) -> BeforeAfter:
    """Both pictures in the results folder."""
    name = f"learning/{pair.product.asked[0].request_id}"
    return BeforeAfter(
        product_id=pair.product.product_id,
        prompt=pair.before.scene.prompt,
        before=folder.image(f"{name}-before", pair.before.images[0]),
        after=folder.image(f"{name}-after", pair.after.images[0]),
    )
