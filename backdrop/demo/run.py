"""The whole story of one demo: photos in, scenes out, something learned on the way, a page at the end."""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from backdrop.demo.background import ANSWER_S, BackgroundStack
from backdrop.demo.client import EmbeddedClient, hears
from backdrop.demo.learning import LearningLane, Told, ended_early, lend_lessons, show_training, teach
from backdrop.demo.patience import SilenceLimit
from backdrop.demo.screen import Screen
from backdrop.output.gallery import PAGE, write_gallery
from backdrop.output.learning import LEARNING_FILE, Learning, write_learning
from backdrop.output.results import RESULTS_FILE, Result, ResultsFolder
from backdrop.submitting.handover import events_of, hand_over
from backdrop.submitting.photos import Photos
from backdrop.submitting.progress import SubmissionProgress
from backdrop.submitting.submissions import Refusal, new_submission
from deploy.embedded.running import EmbeddedStack
from deploy.embedded.stopping import Interrupted
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BackdropError
from shared.contracts.events import Scene
from shared.runtime.folder_blobs import FolderBlobs

WORK = ".work"
LOADING_S = 300.0  # the models take ten seconds where the disk is quick
STOP_S = 8.0  # a little more than the stack itself gives its training
UNANSWERED = {"silence", "stack_failed", "interrupted", "unexpected"}

Open = Callable[[BlobStore, Path, int], AbstractAsyncContextManager[EmbeddedStack]]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is wanted; `steps` of training, 0 leaves the learning lane out; `silence_s` in place of our own patience."""

    photos: Photos
    scenes: tuple[Scene, ...]
    out: Path
    steps: int = 40
    silence_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of it. `missing` says in words what did not, `signal` what ended it."""

    page: Path
    lines: Path
    results: tuple[Result, ...]
    times: dict[str, float]
    missing: tuple[str, ...]
    signal: int | None


@dataclass
class Course:
    """How far a run is; whatever ends it, this is what there is to write."""

    progress: SubmissionProgress
    began: float
    lane: LearningLane | None = None
    told: Told | None = None
    trouble: str | None = None
    signal: int | None = None
    times: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, however it ends."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.times[name] = time.monotonic() - began

    @contextlib.contextmanager
    def whatever_happens(self) -> Iterator[None]:
        """What a service does or a person interrupts is noted, and ends the block alone."""
        try:
            yield
        except Interrupted as error:
            self.signal, self.trouble = error.number, "the run was stopped"
        except BackdropError as error:
            self.trouble = error.message


def embedded(blobs: BlobStore, work: Path, steps: int) -> AbstractAsyncContextManager[EmbeddedStack]:
    """The real services; a run over others does without their libraries."""
    from deploy.embedded.stack import run_stack

    return run_stack(blobs, work, steps=steps)


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """An empty folder for the length of the block."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(order: Order, screen: Screen, *, open_stack: Open = embedded) -> Report:
    """Serve every photo, learn from those that may teach, and write the results folder.

    Whatever a service does or a person interrupts, what is there is written, and the report says what is missing.
    Raises OSError when the folder cannot be written.
    """
    with _scratch(order.out / WORK) as work:
        blobs = FolderBlobs(work, "backdrop")
        course = Course(
            SubmissionProgress(new_submission(tuple(hand_over(order.photos, order.scenes, blobs)))), time.monotonic()
        )
        stack = BackgroundStack(
            lambda: open_stack(blobs, work, order.steps), hears, answer_s=order.silence_s or ANSWER_S
        )
        with course.whatever_happens():
            _go(order, course, stack, blobs, screen)
        with course.step("page"):
            results, learning = _write(order, course, blobs)
        stack.stop(patience_s=STOP_S)
    course.times["in all"] = time.monotonic() - course.began
    return Report(
        page=order.out / PAGE,
        lines=order.out / RESULTS_FILE,
        results=results,
        times=course.times,
        missing=_missing(results, learning, course),
        signal=course.signal,
    )


def _go(order: Order, course: Course, stack: BackgroundStack, blobs: BlobStore, screen: Screen) -> None:
    """Every step in turn; the first that fails ends them."""
    screen.say("Loading the models …")
    with course.step("loading models"):
        stack.start(patience_s=order.silence_s or LOADING_S)

    def on_change() -> None:
        _show(course, screen)
        if lane:
            lend_lessons(lane, course.progress, order.photos)

    client = EmbeddedClient(stack, SilenceLimit(order.silence_s), on_change)
    client.follow(course.progress)
    lane = (
        LearningLane(stack=stack, client=client, blobs=blobs, screen=screen, steps=order.steps) if order.steps else None
    )
    course.lane = lane
    with course.step("serving"):
        _submit(course.progress, client, order.photos)
        if lane:
            lend_lessons(lane, course.progress, order.photos)
        client.until(lambda: course.progress.done, what="an answer")
    _write(order, course, blobs)  # already here, for whoever looks while the training runs
    if lane:
        with course.step("learning"):
            course.told = teach(lane, course.progress, order.photos)


def _submit(progress: SubmissionProgress, client: EmbeddedClient, photos: Photos) -> None:
    engagement = {photo.product_id: photo.engagement for photo in photos.submitted}
    handed = [product for product in progress.submission.products if product.refusal is None]
    client.publish(event for product in handed for event in events_of(product, engagement.get(product.product_id)))


def _write(order: Order, course: Course, blobs: BlobStore) -> tuple[tuple[Result, ...], Learning | None]:
    """Results, the learning lane's story and the page, of what there is; open scenes are answered with the trouble."""
    if course.trouble is not None:
        reason = "interrupted" if course.signal else "silence"
        elapsed_s = time.monotonic() - course.began
        course.progress.give_up(Refusal(reason=reason, detail=course.trouble), seconds=elapsed_s)
    folder = ResultsFolder(order.out, blobs)
    results = folder.write(course.progress)
    learning = _learned(order, course, folder)
    (order.out / LEARNING_FILE).unlink(missing_ok=True)
    if learning is not None:
        write_learning(order.out, learning)
    write_gallery(order.out)
    return results, learning


def _learned(order: Order, course: Course, folder: ResultsFolder) -> Learning | None:
    if course.told is not None:
        return course.told(folder)
    return ended_early(course.lane, course.trouble) if order.steps and course.trouble is not None else None


def _missing(results: tuple[Result, ...], learning: Learning | None, course: Course) -> tuple[str, ...]:
    open_ones = [result for result in results if result.reason in UNANSWERED]
    why = {result.detail for result in open_ones}
    lines = [f"{len(open_ones)} scenes ({'; '.join(sorted(filter(None, why)))})"] if open_ones else []
    if learning is not None and course.told is None:
        lines.append(f"what was learned ({course.trouble})")
    return tuple(lines)


def _show(course: Course, screen: Screen) -> None:
    progress = course.progress
    products = progress.submission.products
    looked_at = sum(progress.stage(product) in ("captioned", "answered") for product in products)
    screen.show("photos understood", looked_at, len(products))
    screen.show("scenes", len(progress.answers), progress.total)
    if course.lane:
        show_training(course.lane)
