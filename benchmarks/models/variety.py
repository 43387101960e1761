"""How unlike the pictures of a catalogue are: what the first options of many products show.

    python -m benchmarks.models.variety [--photos samples/photos] [--products 33] [--words "on a marble counter"]

Every photo is submitted under several product ids until there are enough, as ideas depend on the product. Two scenes of
three options: one without words, one with typed words. A look is a surface before a backdrop. `share` is that of the
commonest among the first options, `bits` the entropy of all of them; judge and adherence say what variety costs.
"""

import argparse
import itertools
import math
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backdrop.submitting.handover import events_of, hand_over
from backdrop.submitting.photos import Photos, read_photos
from services.captioner import app as captioner
from services.captioner.settings import CaptionerSettings
from services.inpainter import app as inpainter
from services.inpainter.core import PaintBackgrounds
from services.inpainter.plates.attributes import attributes_of
from services.inpainter.plates.catalogue import read_plates
from services.inpainter.settings import InpainterSettings
from services.segmenter import app as segmenter
from services.segmenter.settings import SegmenterSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.events import BackgroundGenerated, GeneratedImage, ProductCaptioned, ProductSubmitted, Scene
from shared.contracts.styles import Plate
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.settings import FetchSettings
from shared.runtime.web.fetching import make_fetcher

ROOT = Path(__file__).resolve().parents[2]
WORDS = "on a marble counter, morning light"
OPTIONS, SIDE = 3, 512
PLAIN = ("wall", "gradient", None)  # behind what is seen from above there is nothing


@dataclass(frozen=True)
class Spread:
    """Of a list of looks: the commonest, its share, and the entropy of all."""

    commonest: str
    share: float
    bits: float

    @classmethod
    def of(cls, looks: Sequence[str]) -> "Spread":
        """`looks` has one at least."""
        counts = Counter(looks)
        shares = [count / len(looks) for count in counts.values()]
        (name, count), *_ = counts.most_common(1)
        return cls(name, count / len(looks), sum(-share * math.log2(share) for share in shares) + 0.0)


def main() -> None:
    given = _arguments()
    settings = InpainterSettings()
    plates = {plate.id: plate for plate in read_plates(settings.plates)}
    with tempfile.TemporaryDirectory() as folder:
        blobs = FolderBlobs(Path(folder), "backdrop")
        products = list(captioned(_enough(given.photos, given.products), blobs))
        paint = inpainter.assemble(settings, blobs, make_fetcher(FetchSettings())).paint
        print(
            "| scene | products | commonest plate | share | commonest look | share | bits | plain | judge | adherence |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|")
        for prompt in (None, given.words):
            images = [image for product in products for image in first_options(paint, product, prompt)]
            print(row(prompt or "without words", images, plates), flush=True)


def captioned(photos: Photos, blobs: BlobStore) -> Iterator[ProductCaptioned]:
    """The products as the stages before the inpainter tell them; those that can be used."""
    segment = segmenter.assemble(SegmenterSettings(), blobs, make_fetcher(FetchSettings()))
    caption = captioner.assemble(CaptionerSettings(), blobs)
    for one in hand_over(photos, (Scene(),), blobs):
        submitted = events_of(one, None)[0] if one.refusal is None else None
        product = caption(segment(submitted)) if isinstance(submitted, ProductSubmitted) else None
        if product and product.caption is not None:
            yield product


def first_options(paint: PaintBackgrounds, product: ProductCaptioned, prompt: str | None) -> tuple[GeneratedImage, ...]:
    """What a brand sees first of one scene; nothing where the judge refused all."""
    wide = product.image.width and product.image.height and product.image.width >= product.image.height
    scene = Scene(prompt=prompt, count=OPTIONS, width=SIDE if wide else None, height=None if wide else SIDE)
    (outcome,) = paint.product(product.model_copy(update={"scenes": (scene,)}))
    return outcome.images[:1] if isinstance(outcome, BackgroundGenerated) else ()


def look_of(image: GeneratedImage, plates: dict[str, Plate]) -> tuple[str, str | None]:
    """What it stands on before what, and the latter by itself."""
    near, *_, far = [plates[name] for name in (image.plate or "").split("+") * 2]
    surface, backdrop = attributes_of(near).surface, attributes_of(far).backdrop
    return f"{surface or 'nothing'} before {backdrop or 'nothing'}", backdrop


def row(name: str, images: Sequence[GeneratedImage], plates: dict[str, Plate]) -> str:
    """A scene's line of the table; one that says so where the judge refused every first option."""
    if not images:
        return f"| {name} | 0 | all refused | | | | | | | |"
    looks = [look_of(image, plates) for image in images]
    plate, look = Spread.of([str(image.plate) for image in images]), Spread.of([words for words, _ in looks])
    plain = statistics.mean(behind in PLAIN for _, behind in looks)
    judge = statistics.mean(image.scores.judge for image in images)
    adherence = statistics.mean(image.scores.adherence for image in images)
    return (
        f"| {name} | {len(images)} | {plate.commonest} | {plate.share:.0%} | {look.commonest} | {look.share:.0%} "
        f"| {look.bits:.2f} | {plain:.0%} | {judge:.2f} | {adherence:.2f} |"
    )


def _enough(folder: Path, count: int) -> Photos:
    """As many products as are wanted, the same photos again under other names."""
    read = read_photos(folder).submitted
    turns = itertools.islice(enumerate(itertools.cycle(read)), count)
    named = (replace(photo, product_id=f"{photo.product_id}-{number // len(read)}") for number, photo in turns)
    return Photos(submitted=tuple(named))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--photos", type=Path, default=ROOT / "samples/photos")
    parser.add_argument("--products", type=int, default=33)
    parser.add_argument("--words", default=WORDS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
