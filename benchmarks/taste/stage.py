"""The real services in this process, with products and lessons in them: where the loop is played."""

import contextlib
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import cv2

from backdrop.demo.background import BackgroundStack
from backdrop.demo.client import EmbeddedClient, hears
from backdrop.demo.patience import SilenceLimit
from backdrop.submitting.handover import events_of, hand_over
from backdrop.submitting.photos import Photos, read_photos
from backdrop.submitting.progress import Silence, SubmissionProgress
from backdrop.submitting.submissions import new_submission
from deploy.embedded.stack import run_stack
from shared.contracts.blobs import BlobStore
from shared.contracts.events import Event, ModelPromoted, ModelTrained, SampleCurated, Scene, TrainingFailed
from shared.runtime.folder_blobs import FolderBlobs

E = TypeVar("E", bound=Event)
ROOT = Path(__file__).resolve().parents[2]
PHOTOS, LESSONS = ROOT / "samples" / "photos", ROOT / "samples" / "lessons"
SIDE = 384  # pixels: as fast as pictures get while the curator still takes them for training (256)
QUIET_S = 3.0  # what belongs to a step is said in the same breath
SILENCE_S = 1800.0  # a training on a busy machine says nothing for long
SCENES = 3  # of each product: with their options nearly all of a caption's ideas are seen
# A round is a week: what people did in the one before counts half as much, so that a new taste is seen soon.
TASTES = {"train": ("product", "engaged"), "half_life_days": 7.0, "min_style_pictures": 3, "top_share": 0.3}


class EmbeddedPlatform:
    """`benchmarks.taste.run.Platform` over the services in this process."""

    def __init__(self, stack: BackgroundStack, client: EmbeddedClient) -> None:
        self._stack, self._client = stack, client

    def publish(self, events: Iterable[Event]) -> None:
        """Say something."""
        self._client.publish(list(events))

    def of(self, kind: type[E]) -> list[E]:
        """What was heard of one kind."""
        return self._client.of(kind)

    def until(self, met: Callable[[], bool], *, what: str) -> None:
        """Wait for a condition on what was heard."""
        self._client.until(met, what=what)

    def release(self, dataset: str) -> None:
        """Have a dataset released now."""
        self._stack.release(dataset)  # type: ignore[arg-type]

    def mine(self) -> None:
        """Have the styles mined now."""
        self._stack.mine()

    def settled(self) -> None:
        """Every message has been handled, and heard here as well."""
        self._stack.settled()
        with contextlib.suppress(Silence):
            self._client.until(lambda: False, what="more", still_s=QUIET_S)


@contextlib.contextmanager
def opened(work: Path, *, steps: int) -> Iterator[tuple[EmbeddedPlatform, EmbeddedClient, BlobStore]]:
    """The services, until the end of the block; all state is under `work`."""
    blobs = FolderBlobs(work, "backdrop")
    stack = BackgroundStack(lambda: run_stack(blobs, work, steps=steps, tastes=TASTES), hears, answer_s=SILENCE_S)
    client = EmbeddedClient(stack, SilenceLimit(SILENCE_S), lambda: None)
    stack.start(patience_s=SILENCE_S)
    try:
        yield EmbeddedPlatform(stack, client), client, blobs
    finally:
        stack.stop(patience_s=10.0)


def chosen_photos(seed: int, count: int, folder: Path) -> Photos:
    """Some of the sample photos, small, promoted, with consent; which ones is the seed's choice."""
    photos = sorted(read_photos(PHOTOS).submitted, key=lambda photo: photo.product_id)
    taken = random.Random(seed).sample(photos, min(count, len(photos)))
    folder.mkdir(parents=True, exist_ok=True)
    small = []
    for photo in sorted(taken, key=lambda photo: photo.product_id):
        picture = cv2.resize(cv2.imread(str(photo.path)), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        path = folder / f"{photo.product_id}.png"
        cv2.imwrite(str(path), picture)
        facts = photo.facts.model_copy(update={"promoted": True, "may_train": True})
        small.append(replace(photo, path=path, mask=_small_mask(photo.mask, folder), facts=facts, engagement=None))
    return Photos(submitted=tuple(small))


def _small_mask(mask: Path | None, folder: Path) -> Path | None:
    """The merchant's own, where there is one: small photos are cut out less well."""
    if mask is None:
        return None
    pixels = cv2.resize(cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    path = folder / "masks" / f"{mask.stem}.png"
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), cv2.threshold(pixels, 127, 255, cv2.THRESH_BINARY)[1])
    return path


def serve(client: EmbeddedClient, blobs: BlobStore, photos: Photos, *, seed: int, count: int) -> None:
    """Submit photos with empty scenes, and wait until each is answered."""
    scenes = tuple(Scene(count=count, seed=seed * 100 + number) for number in range(SCENES))
    progress = SubmissionProgress(new_submission(tuple(hand_over(photos, scenes, blobs))))
    client.follow(progress)
    client.publish([event for product in progress.submission.products for event in events_of(product, None)])
    client.until(lambda: progress.done, what="the first options")


def teach(platform: EmbeddedPlatform, client: EmbeddedClient, blobs: BlobStore) -> None:
    """The lessons that the project draws, a dataset of them, and the `product` LoRA that `engaged` goes on from."""
    lessons = read_photos(LESSONS)
    products = tuple(hand_over(lessons, (), blobs))
    client.publish([event for product in products for event in events_of(product, None)])
    names = {product.product_id for product in products}
    client.until(
        lambda: names <= {one.product_id for one in platform.of(SampleCurated)} or bool(client.dead),
        what="the curator's verdicts on the lessons",
    )
    platform.release("product")
    client.until(
        lambda: bool(platform.of(ModelTrained) or platform.of(TrainingFailed)), what="a model trained on products"
    )
    platform.settled()


def in_use(platform: EmbeddedPlatform) -> ModelPromoted | None:
    """The newest promotion."""
    promoted = platform.of(ModelPromoted)
    return promoted[-1] if promoted else None
