"""Quick products on finished plates: a real surface and backdrop, a painted product, the shadow it should leave."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bundled.quick import captions, views
from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.planes import pixels_of
from bundled.quick.lighting import light, shadows
from bundled.quick.products import painting
from bundled.quick.render import QuickScene
from bundled.training import toning
from services.inpainter.plates import catalogue
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import mirrored_text

KEPT_PX = 384  # plates are kept at this size in memory
MARGIN = 0.05  # a product stands at least this far below the far edge of its surface


@dataclass(frozen=True)
class StagedPlate:
    """A product-free picture (KEPT_PX x KEPT_PX x 3 in 0..1) and what is known of it."""

    image: Picture
    plate: Plate


def read_plates(folder: Path) -> list[StagedPlate]:
    """The plates of a folder whose pictures are there; none if there is no such folder."""
    return [StagedPlate(_picture(folder / plate.file), plate) for plate in catalogue.read_plates(folder)]


def _picture(path: Path) -> Picture:
    pixels = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return cv2.resize(pixels, (KEPT_PX, KEPT_PX), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def staged(plates: list[StagedPlate], seed: int, size: int = 128) -> Iterator[QuickScene]:
    """Endless products on plates, size x size px; every eighth is the plate alone. Raises ValueError without plates."""
    if not plates:
        raise ValueError("no plates to stage products on")
    rng = np.random.default_rng((seed, size, 11))
    while True:
        yield _staged(plates[int(rng.integers(len(plates)))], size, rng)


def _staged(stage: StagedPlate, size: int, rng: Rng) -> QuickScene:
    plate = stage.plate
    line, mirrored = plate.surface_line or 0.0, rng.random() < 0.5
    image, line = _crop(stage.image[:, ::-1] if mirrored else stage.image, line, size, rng)
    lamp = _lamp(plate.light, mirrored, rng)
    if lamp.colour == plate.light.colour:
        texts = [*(_sides(text, mirrored) for text in plate.captions), _described(plate, lamp, rng)]
    else:
        image = np.clip(image * toning.gain(plate.light.colour, lamp.colour), 0, 1)
        texts = [_described(plate, lamp, rng) for _ in range(len(plate.captions) + 1)]
    facts = {
        "surface": str(plate.surface),
        "backdrop": str(plate.backdrop),
        "light_colour": lamp.colour,
        "light_direction": lamp.direction,
        "light_quality": lamp.quality,
        "view": plate.view,
    }
    if rng.random() < 0.125:
        return QuickScene(np.round(image * 255).astype(np.uint8), np.zeros((size, size), np.uint8), texts, facts)
    product = _product(size, line, lamp, rng)
    shade = _shade_standing(product, lamp, line, rng) if plate.view == "standing" else shadows.lying(product, lamp, rng)
    picture = np.ascontiguousarray(image.transpose(2, 0, 1)) * shade
    views.put(picture, product)
    pixels, mask = pixels_of(picture), np.asarray(cv2.convertScaleAbs(product.alpha, alpha=255.0))
    return QuickScene(pixels, mask, texts, facts | {"product": product.kind, "product_colour": product.colour})


def _shade_standing(product: painting.PaintedProduct, lamp: light.QuickLight, line: float, rng: Rng) -> Picture:
    """It ends where the ground does: what stands behind is lit."""
    shade = shadows.standing(product, lamp, rng)
    size = len(shade)
    ground = np.clip(np.arange(size, dtype=np.float32) / 2 + np.float32(0.5 - line * size / 2), 0, 1)
    return np.asarray(1 - ground[:, None] * (1 - shade), np.float32)


def _crop(image: Picture, line: float, size: int, rng: Rng) -> tuple[Picture, float]:
    """A square crop that keeps ground to stand on, and the surface line (0..1) in it."""
    side = int(KEPT_PX * rng.uniform(0.75, 1.0))
    room = KEPT_PX - side
    left, top = int(rng.integers(0, room + 1)), int(rng.integers(room // 2, room + 1))
    crop = np.ascontiguousarray(image[top : top + side, left : left + side])
    return cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA), float(
        np.clip((line * KEPT_PX - top) / side, 0, 0.85)
    )


def _lamp(lit: Light, mirrored: bool, rng: Rng) -> light.QuickLight:
    direction = _sides(lit.direction, mirrored)
    side = {"left": -1.0, "right": 1.0}.get(direction, 0.0) * rng.uniform(0.7, 1.0)
    colour = toning.drawn(lit.colour, rng)
    rgb = np.asarray(light.COLOURS[colour], np.float32)
    return light.QuickLight(colour, direction, lit.hardness, "", rgb, float(side), 1.0)


def _product(size: int, line: float, lamp: light.QuickLight, rng: Rng) -> painting.PaintedProduct:
    """On the surface, or anywhere where there is no line, and whole."""
    height = rng.uniform(0.3, 0.62)
    base = rng.uniform(min(max(line, height) + MARGIN, 0.9), 0.95)
    product = painting.paint(
        rng, size, size * base, size * height, light_x=lamp.side if rng.random() < 0.5 else rng.uniform(-0.8, 0.8)
    )
    return product if rng.random() < 0.5 else painting.lit(product, lamp.rgb)


def _described(plate: Plate, lamp: light.QuickLight, rng: Rng) -> str:
    """Surface, backdrop and light in the grammar's own words."""
    known = {
        "light_colour": lamp.colour,
        "light_direction": lamp.direction,
        "light_quality": lamp.quality,
        "pattern": "",
    }
    spoken = (
        captions.light_phrase(known, rng)
        if lamp.colour in captions.LIGHT_COLOUR and lamp.direction in captions.DIRECTION
        else ""
    )
    on = f"{captions.one_of(rng, captions.ON).removesuffix(' a')} {plate.surface}" if plate.surface else ""
    behind = captions.one_of(rng, captions.BEHIND).format(plate.backdrop) if plate.backdrop else ""
    return ", ".join(part for part in (on, behind, spoken) if part)


def _sides(text: str, mirrored: bool) -> str:
    """Left and right changed in a text, if the picture was."""
    return mirrored_text(text) if mirrored else text
