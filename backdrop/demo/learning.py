"""The learning lane of a demo: samples, a dataset, a short training, and options before and after."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from backdrop.demo.background import BackgroundStack
from backdrop.demo.client import EmbeddedClient
from backdrop.demo.comparing import Pair, compared, painted, subject_of
from backdrop.demo.screen import Screen
from backdrop.output.learning import Learning
from backdrop.output.results import ResultsFolder
from backdrop.submitting.handover import events_of, hand_over
from backdrop.submitting.photos import Photos, read_photos
from backdrop.submitting.progress import Silence, SubmissionProgress
from backdrop.submitting.submissions import new_submission
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BadRequest
from shared.contracts.events import (
    DatasetReleased,
    ModelPromoted,
    ModelTrained,
    SampleCurated,
    TrainingFailed,
    TrainingProgressed,
)

LESSONS = Path(__file__).resolve().parents[2] / "samples" / "lessons"  # drawn by `python -m bundled.quick`
ENOUGH = 8  # samples; with fewer, a scene held back for judging is missed in training
PROMOTED_IN_S = 3.0  # a promotion is said in the same breath as the training's end

Told = Callable[[ResultsFolder], Learning]
"""The story, once there is a folder to put its pictures in."""


@dataclass(frozen=True, kw_only=True)
class LearningLane:
    """Where the lane runs, and for how many steps."""

    stack: BackgroundStack
    client: EmbeddedClient
    blobs: BlobStore
    screen: Screen
    steps: int
    lessons: list[SubmissionProgress] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What the trainer made of the dataset in `seconds`."""

    trained: ModelTrained
    promoted: ModelPromoted | None
    seconds: float


def lend_lessons(lane: LearningLane, progress: SubmissionProgress, photos: Photos) -> None:
    """Submit the project's own lessons beside the photos, once it is known that those teach too little."""
    willing = sum(photo.facts.may_train for photo in photos.submitted)
    if not lane.lessons and (willing < ENOUGH or (_judged(lane, progress) and _kept(lane, progress) < ENOUGH)):
        _submit_lessons(lane)


def teach(lane: LearningLane, progress: SubmissionProgress, photos: Photos) -> Told:
    """Run the lane after the serving of `progress`. Raises Silence, StackFailed, BadRequest `nothing_to_learn`."""
    source = _samples(lane, progress, photos)
    subject = subject_of(progress)
    before = painted(lane.client, subject, "before") if subject else None
    released = _dataset(lane)
    lesson = _training(lane)
    after = painted(lane.client, subject, "after") if subject and lesson.promoted else None
    pair = Pair(product=subject[0], before=before, after=after) if subject and before and after else None
    return lambda folder: _story(lane, source, released, lesson, pair, folder)


def ended_early(lane: LearningLane | None, why: str) -> Learning:
    """The story of a lane that never came to its verdict."""
    verdict = f"It ended early: {why}."
    if lane is None:
        return Learning(source="", verdict=verdict)
    return Learning(source="", verdict=verdict, kept=_kept(lane), dropped=_dropped(lane))


def show_training(lane: LearningLane) -> None:
    """The training's bar, where the last news says it stands."""
    for event in lane.client.of(TrainingProgressed)[-1:]:
        lane.screen.show("training steps", event.step, event.steps)


def _samples(lane: LearningLane, progress: SubmissionProgress, photos: Photos) -> str:
    """See every photo judged; when the user's teach too little, our own do as well. Returns whose they are."""
    willing = sum(photo.facts.may_train for photo in photos.submitted)
    _curated(lane, progress)
    kept = _kept(lane, progress)
    theirs = (
        f"Of {len(photos.submitted)} photos, {willing or 'none'} may be trained on, and {kept or 'none'} teach a scene."
    )
    if kept >= ENOUGH:
        return theirs
    lend_lessons(lane, progress, photos)
    _curated(lane, lane.lessons[0])
    own = len(lane.lessons[0].submission.products)
    lane.screen.say(f"{theirs} So {own} scenes that the project draws itself teach as well.")
    return f"{theirs} So {own} scenes that the project draws itself were used as well."


def _submit_lessons(lane: LearningLane) -> None:
    """Photos without scenes: they are segmented, described and judged, and nothing is painted for them."""
    own = SubmissionProgress(new_submission(tuple(hand_over(read_photos(LESSONS), (), lane.blobs))))
    lane.client.follow(own)
    lane.lessons.append(own)
    lane.client.publish(event for product in own.submission.products for event in events_of(product, None))


def _curated(lane: LearningLane, progress: SubmissionProgress) -> None:
    """Wait until every photo of a submission has a verdict, or was refused before it could get one."""
    lane.client.until(lambda: _judged(lane, progress), what="the curator's verdict on every photo")


def _judged(lane: LearningLane, progress: SubmissionProgress) -> bool:
    verdicts = {(event.product_id, event.image_sha256) for event in lane.client.of(SampleCurated)}
    dead = {str(letter.event.get("product_id")) for letter in lane.client.dead}
    return all(name in verdicts or name[0] in dead or name[1] is None for name in _names(progress))


def _names(progress: SubmissionProgress) -> set[tuple[str, str | None]]:
    return {(product.product_id, product.image_sha256) for product in progress.submission.products}


def _training(lane: LearningLane) -> Lesson:
    """The short run that the release asked for; promoted only if the trainer finds it better."""
    began = lane.client.elapsed_s
    lane.screen.show("training steps", 0, lane.steps)
    lane.client.until(
        lambda: bool(lane.client.of(ModelTrained) or lane.client.of(TrainingFailed)), what="a trained model"
    )
    for failed in lane.client.of(TrainingFailed):
        raise BadRequest(failed.reason, f"the training failed: {failed.detail or failed.reason}")
    lane.screen.show("training steps", lane.steps, lane.steps)
    seconds = lane.client.elapsed_s - began
    promoted = _promoted(lane)
    lane.stack.settled()  # the inpainter has it, too
    return Lesson(trained=lane.client.of(ModelTrained)[-1], promoted=promoted, seconds=seconds)


def _promoted(lane: LearningLane) -> ModelPromoted | None:
    try:
        lane.client.until(lambda: bool(lane.client.of(ModelPromoted)), what="a promotion", still_s=PROMOTED_IN_S)
    except Silence:
        return None
    return lane.client.of(ModelPromoted)[-1]


def _kept(lane: LearningLane, progress: SubmissionProgress | None = None) -> int:
    """Samples that were kept, of one submission or of all."""
    kept = [event for event in lane.client.of(SampleCurated) if event.verdict == "kept"]
    names = _names(progress) if progress else None
    return sum(names is None or (event.product_id, event.image_sha256) in names for event in kept)


def _dropped(lane: LearningLane) -> dict[str, int]:
    """How many photos each rule left out."""
    verdicts = lane.client.of(SampleCurated)
    return dict(Counter(event.reason for event in verdicts if event.verdict == "dropped").most_common())


def _dataset(lane: LearningLane) -> DatasetReleased:
    """What the curator releases from the samples it kept."""
    if _kept(lane) == 0:
        raise BadRequest("nothing_to_learn", "no photo may be trained on, so there is no dataset")
    lane.stack.release()
    lane.client.until(lambda: bool(lane.client.of(DatasetReleased)), what="a dataset")
    return lane.client.of(DatasetReleased)[-1]


def _story(
    lane: LearningLane, source: str, released: DatasetReleased, lesson: Lesson, pair: Pair | None, folder: ResultsFolder
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
        pairs=(compared(pair, folder),) if pair else (),
    )


def _verdict(lesson: Lesson) -> str:
    name = f"Revision {lesson.trained.revision}"
    if lesson.promoted is not None:
        return f"{name} is better than the model in use on samples that it had not seen, and took over at once."
    return (
        f"{name} is not surely better than the model in use on samples that it had not seen, so it was not put to use."
    )
