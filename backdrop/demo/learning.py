"""The learning lane of an embedded run: samples, a dataset, a short training, and options before and after."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backdrop.demo.client import EmbeddedClient
from backdrop.demo.screen import Screen
from backdrop.handover import events_of, hand_over
from backdrop.learning import BeforeAfter, Learning
from backdrop.photos import Photos, read_photos
from backdrop.progress import Progress
from backdrop.results import ResultsFolder
from backdrop.submissions import SubmittedProduct, new_submission
from deploy.embedded.stack import EmbeddedStack
from shared.contracts.errors import BadRequest
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    DatasetReleased,
    GeneratedImage,
    ModelPromoted,
    ModelTrained,
    SampleCurated,
    Scene,
    TrainingProgressed,
)

LESSONS = Path(__file__).resolve().parents[2] / "samples" / "lessons"  # drawn by `python -m bundled.quick`
ENOUGH = 8  # samples; with fewer, a scene held back for judging is missed in training
COMPARED_AT = 0.5  # strength: further from the plate than usual, so that the painter's own hand shows
STILL_S = 120.0  # a silence that no step of the lane takes

Told = Callable[[ResultsFolder], Learning]
"""The story, once there is a folder to put its pictures in."""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Where the lane runs, for how many steps, and a folder for its own photos."""

    stack: EmbeddedStack
    client: EmbeddedClient
    screen: Screen
    steps: int
    work: Path


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What the trainer made of the dataset in `seconds`."""

    trained: ModelTrained
    promoted: ModelPromoted | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One wish before and after, as the events told it."""

    product: SubmittedProduct
    before: BackgroundGenerated
    after: BackgroundGenerated


async def teach(lane: Lane, progress: Progress, photos: Photos) -> Told | None:
    """Run the lane beside and after the serving of `progress`; what goes wrong is told, and costs no result."""
    try:
        return await _lesson(lane, progress, photos)
    except BadRequest as error:
        verdict = f"It ended early: {error.message}."
        lane.screen.say(f"Learning ended early: {error.message}")
        return lambda _folder: Learning(source="", verdict=verdict, kept=_kept(lane), dropped=_dropped(lane))


async def _lesson(lane: Lane, progress: Progress, photos: Photos) -> Told:
    source = await _samples(lane, progress, photos)
    while not progress.done:  # brands come first; then the machine is free to train
        await asyncio.sleep(0.2)
    subject = _subject(progress)
    before = await _painted(lane, subject, "before") if subject else None
    released = await _dataset(lane)
    lesson = await _training(lane)
    after = await _painted(lane, subject, "after") if subject and lesson.promoted else None
    pair = Pair(product=subject[0], before=before, after=after) if subject and before and after else None
    return lambda folder: _story(lane, source, released, lesson, pair, folder)


async def _samples(lane: Lane, progress: Progress, photos: Photos) -> str:
    """See every photo judged; when the user's teach too little, submit the project's own. Returns whose they are."""
    willing = sum(photo.facts.may_train for photo in photos.submitted)
    await _curated(lane, progress)
    kept = _kept(lane)
    theirs = (
        f"Of {len(photos.submitted)} photos, {willing or 'none'} may be trained on, and {kept or 'none'} teach a scene."
    )
    if kept >= ENOUGH:
        return theirs
    lessons = await asyncio.to_thread(read_photos, LESSONS)
    await _submit_lessons(lane, lessons)
    own = len(lessons.submitted)
    lane.screen.say(f"{theirs} So {own} scenes that the project draws itself teach as well.")
    return f"{theirs} So {own} scenes that the project draws itself were used as well."


async def _submit_lessons(lane: Lane, lessons: Photos) -> None:
    """Photos without scenes: they are segmented, described and judged, and nothing is painted for them."""
    products = await asyncio.to_thread(lambda: tuple(hand_over(lessons, (), lane.stack.blobs)))
    engagement = {photo.product_id: photo.engagement for photo in lessons.submitted}
    own = Progress(new_submission(products))
    lane.client.follow(own)
    for product in products:
        for event in events_of(product, engagement[product.product_id]) if product.refusal is None else ():
            await lane.client.say(event)
    await _curated(lane, own)


async def _curated(lane: Lane, progress: Progress) -> None:
    """Wait until every photo of a submission has a verdict, or was refused before it could get one."""
    wanted = {(product.product_id, product.image_sha256) for product in progress.submission.products}

    def judged() -> bool:
        verdicts = {(event.product_id, event.image_sha256) for event in lane.client.of(SampleCurated)}
        dead = {str(letter.event.get("product_id")) for letter in lane.client.dead}
        return all(name in verdicts or name[0] in dead or name[1] is None for name in wanted)

    await lane.client.until(judged, still_s=STILL_S, what="the curator's verdict on every photo")


async def _training(lane: Lane) -> Lesson:
    """The short run that the release asked for; promoted only if the trainer finds it better."""
    began = lane.client.elapsed_s
    lane.screen.show("training steps", 0, lane.steps)

    def trained() -> bool:
        for event in lane.client.of(TrainingProgressed)[-1:]:
            lane.screen.show("training steps", event.step, event.steps)
        return bool(lane.client.of(ModelTrained))

    await lane.client.until(trained, still_s=STILL_S, what="a trained model")
    lane.screen.show("training steps", lane.steps, lane.steps)
    seconds = lane.client.elapsed_s - began
    with contextlib.suppress(BadRequest):  # not promoted: nothing more is said
        await lane.client.until(lambda: bool(lane.client.of(ModelPromoted)), still_s=3.0, what="a promotion")
    with contextlib.suppress(TimeoutError):
        await lane.stack.log.settled()  # the inpainter has it, too
    promoted = lane.client.of(ModelPromoted)
    return Lesson(
        trained=lane.client.of(ModelTrained)[-1], promoted=promoted[-1] if promoted else None, seconds=seconds
    )


def _subject(progress: Progress) -> tuple[SubmittedProduct, GeneratedImage] | None:
    """The product to compare on: the one with the picture that the judge likes best."""
    made = [
        (product, answer.outcome.images[0])
        for product, asked in progress.submission.asked
        if (answer := progress.answers.get(asked.request_id)) and isinstance(answer.outcome, BackgroundGenerated)
    ]
    return max(made, key=lambda one: one[1].scores.judge, default=None)


async def _painted(
    lane: Lane, subject: tuple[SubmittedProduct, GeneratedImage], when: str
) -> BackgroundGenerated | None:
    """The same wish with the same seed, drawn by whatever model is in use now; None when it was refused."""
    product, image = subject
    request_id = f"{when}-{product.asked[0].request_id}"
    scene = Scene(prompt=image.prompt, seed=image.seed, strength=COMPARED_AT)
    await lane.client.say(BackgroundRequested(product_id=product.product_id, request_id=request_id, scene=scene))

    def outcomes() -> list[BackgroundGenerated | BackgroundRejected]:
        made, refused = lane.client.of(BackgroundGenerated), lane.client.of(BackgroundRejected)
        answers: list[BackgroundGenerated | BackgroundRejected] = [*made, *refused]
        return [answer for answer in answers if answer.request_id == request_id]

    await lane.client.until(lambda: bool(outcomes()), still_s=STILL_S, what=f"the picture {when} training")
    outcome = outcomes()[0]
    return outcome if isinstance(outcome, BackgroundGenerated) else None


def _kept(lane: Lane) -> int:
    return sum(event.verdict == "kept" for event in lane.client.of(SampleCurated))


def _dropped(lane: Lane) -> dict[str, int]:
    """How many photos each rule left out."""
    verdicts = lane.client.of(SampleCurated)
    return dict(Counter(event.reason for event in verdicts if event.verdict == "dropped").most_common())


async def _dataset(lane: Lane) -> DatasetReleased:
    """What the curator releases from the samples it kept."""
    if _kept(lane) == 0:
        raise BadRequest("nothing_to_learn", "no photo may be trained on, so there is no dataset")
    await lane.stack.release()
    await lane.client.until(lambda: bool(lane.client.of(DatasetReleased)), still_s=STILL_S, what="a dataset")
    return lane.client.of(DatasetReleased)[-1]


def _story(
    lane: Lane, source: str, released: DatasetReleased, lesson: Lesson, pair: Pair | None, folder: ResultsFolder
) -> Learning:
    progress = lane.client.of(TrainingProgressed)
    return Learning(
        source=source,
        kept=_kept(lane),
        dropped=_dropped(lane),
        dataset=released.dataset,
        version=released.version,
        samples=released.samples,
        model=lesson.trained.model,
        revision=lesson.trained.revision,
        steps=lane.steps,
        loss=progress[-1].loss if progress else None,
        metrics=lesson.trained.metrics,
        seconds=lesson.seconds,
        promoted=lesson.promoted is not None,
        verdict=_verdict(lesson),
        pairs=(_compared(pair, folder),) if pair else (),
    )


def _verdict(lesson: Lesson) -> str:
    name = f"Revision {lesson.trained.revision}"
    if lesson.promoted is not None:
        return f"{name} is better than its base on samples that it had not seen, and took over at once."
    return f"{name} is not better than its base on samples that it had not seen, so it was not put to use."


def _compared(pair: Pair, folder: ResultsFolder) -> BeforeAfter:
    name = f"learning/{pair.product.asked[0].request_id}"
    return BeforeAfter(
        product_id=pair.product.product_id,
        prompt=pair.before.scene.prompt,
        before=folder.image(f"{name}-before", pair.before.images[0]),
        after=folder.image(f"{name}-after", pair.after.images[0]),
    )
