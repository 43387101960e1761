"""Small products, plates and a generator over fakes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from services.inpainter.candidates import GenerateCandidates
from services.inpainter.choosing import GenerationSettings
from services.inpainter.core import PaintBackgrounds
from services.inpainter.ports import Painter
from shared.contracts.events import Caption, ProductCaptioned, ProductFacts, Scene, SceneIdea, Segmentation
from shared.contracts.images import Pixels, encode_image
from shared.contracts.styles import Light, Plate
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.painter import FakeInpainter, FixedAdherence, FixedJudge

SIZE = (120, 96)  # height, width of the photo
CAPTION = Caption(
    product_short="a mug",
    product_long="a blue mug",
    background_short="white",
    background_long="plain white",
    ideas=(SceneIdea(prompt="on a marble counter, grey wall"), SceneIdea(prompt="on an oak table, brick wall")),
    captioner="rules@1",
)


def plate(name: str, surface: str | None, backdrop: str | None, **changes: object) -> Plate:
    """A standing plate of 64 x 64 pixels with its line in the middle."""
    line = 0.5 if surface and backdrop else None
    fields = {
        "id": name,
        "style": name,
        "file": f"{name}.png",
        "width": 64,
        "height": 64,
        "surface_line": line,
        "surface": surface,
        "backdrop": backdrop,
        "light": Light(direction="left"),
    }
    return Plate.model_validate(fields | changes)


PLATES = (
    plate("oak-brick", "oak wooden table", "red brick wall"),
    plate("marble-grey", "white marble counter", "plain grey wall"),
    plate("sand-sea", "golden sand", "sea and blue sky"),
    plate("linen-flat", "white linen", None, view="flatlay"),
    plate("garden-bokeh", None, "blurred green garden", view="backdrop"),
)


def picture_of(wanted: Plate) -> Pixels:
    """Blue above the line, orange below it."""
    pixels = np.full((wanted.height, wanted.width, 3), (40, 80, 200), np.uint8)
    if wanted.surface_line is not None:
        pixels[round(wanted.surface_line * wanted.height) :] = (220, 140, 60)
    return pixels


def mug(height: int = SIZE[0], width: int = SIZE[1]) -> tuple[Pixels, Pixels]:
    """A noisy square product on white, base at five sixths of the height, and its mask."""
    photo = np.full((height, width, 3), 255, np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[height // 3 : height * 5 // 6, width // 4 : width * 3 // 4] = 255
    noise = np.random.default_rng(1).integers(0, 255, photo.shape, dtype=np.uint8)
    return np.where((mask == 255)[..., None], noise, photo), mask


@dataclass
class Studio:
    """The use case with its fakes, and a way to put products in."""

    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    painter: Painter = field(default_factory=FakeInpainter)
    judge: FixedJudge = field(default_factory=FixedJudge)
    plates: tuple[Plate, ...] = PLATES
    web: FakeImageFetcher = field(default_factory=FakeImageFetcher)
    settings: GenerationSettings = field(default_factory=GenerationSettings)

    @property
    def paint(self) -> PaintBackgrounds:
        generate = GenerateCandidates(
            painter=self.painter,
            judge=self.judge,
            adherence=FixedAdherence(),
            blobs=self.blobs,
            fetcher=self.web,
            plates=self.plates,
            picture_of=picture_of,
            settings=self.settings,
        )
        return PaintBackgrounds(generate, self.blobs)

    def captioned(
        self,
        *scenes: Scene,
        product_id: str = "mug-1",
        pair: tuple[Pixels, Pixels] | None = None,
        caption: Caption | None = CAPTION,
        refusal: str | None = None,
    ) -> ProductCaptioned:
        """A captioned product whose photo and mask are in the store."""
        photo, mask = pair or mug()
        image = self.blobs.put(f"images/{product_id}.png", encode_image(photo), "image/png")
        outline = self.blobs.put(f"masks/{product_id}.png", encode_image(mask), "image/png")
        segmentation = Segmentation(
            mask=None if refusal else outline,
            segmenter="test@1",
            refusal=refusal,
            refusal_detail="several products are in the picture" if refusal else None,
        )
        return ProductCaptioned(
            product_id=product_id,
            image=image,
            facts=ProductFacts(),
            segmentation=segmentation,
            caption=None if refusal else caption,
            scenes=scenes,
        )


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def new_studio() -> Callable[..., Studio]:
    return Studio
