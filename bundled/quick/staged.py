"""Quick products on finished plates: a real surface and backdrop, a painted product, the shadow it should leave."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bundled.quick import captions, light, products, shadows, views
from bundled.quick.colours import Picture
from bundled.quick.noise import Rng
from bundled.quick.planes import pixels_of
from bundled.quick.render import Sample

KEPT_PX = 384  # plates are kept at this size in memory
MARGIN = 0.05  # a product stands at least this far below the far edge of its surface


@dataclass(frozen=True)
class Plate:
    """A product-free picture (KEPT_PX x KEPT_PX x 3 in 0..1) and what is known of it (an entry of plates.json)."""

    image: Picture
    facts: dict[str, Any]


def read_plates(folder: Path) -> list[Plate]:
    """The plates of a folder (plates.json and its pictures); none if there is no such folder. Pictures that are
    missing are left out."""
    index = folder / "plates.json"
    if not index.exists():
        return []
    entries = [entry for entry in json.loads(index.read_text())["plates"] if (folder / entry["file"]).exists()]
    return [Plate(_picture(folder / entry["file"]), entry) for entry in entries]


def _picture(path: Path) -> Picture:
    pixels = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return cv2.resize(pixels, (KEPT_PX, KEPT_PX), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def staged(plates: list[Plate], seed: int, size: int = 128) -> Iterator[Sample]:
    """Endless products on plates, size x size px; every eighth is the plate alone. Raises ValueError without plates."""
    if not plates:
        raise ValueError("no plates to stage products on")
    rng = np.random.default_rng((seed, size, 11))
    while True:
        yield _staged(plates[int(rng.integers(len(plates)))], size, rng)


def _staged(plate: Plate, size: int, rng: Rng) -> Sample:
    line, mirrored = plate.facts.get("surface_line") or 0.0, rng.random() < 0.5
    image, line = _crop(plate.image[:, ::-1] if mirrored else plate.image, line, size, rng)
    lamp = _lamp(plate.facts["light"], mirrored, rng)
    texts = [_sides(text, mirrored) for text in plate.facts["captions"]] + [_described(plate.facts, lamp, rng)]
    facts = {
        "surface": str(plate.facts["surface"]),
        "backdrop": str(plate.facts["backdrop"]),
        "light_colour": lamp.colour,
        "light_direction": lamp.direction,
        "light_quality": lamp.quality,
        "view": str(plate.facts["view"]),
    }
    if rng.random() < 0.125:
        return Sample(np.round(image * 255).astype(np.uint8), np.zeros((size, size), np.uint8), texts, facts)
    product = _product(size, line, lamp, rng)
    above = plate.facts["view"] != "standing"
    shade = shadows.lying(product, lamp, rng) if above else shadows.standing(product, lamp, rng)
    if not above:
        ground = np.clip(np.arange(size, dtype=np.float32) / 2 + np.float32(0.5 - line * size / 2), 0, 1)
        shade = np.asarray(1 - ground[:, None] * (1 - shade), np.float32)
    picture = np.ascontiguousarray(image.transpose(2, 0, 1)) * shade
    views.put(picture, product)
    pixels, mask = pixels_of(picture), np.asarray(cv2.convertScaleAbs(product.alpha, alpha=255.0))
    return Sample(pixels, mask, texts, facts | {"product": product.kind, "product_colour": product.colour})


def _crop(image: Picture, line: float, size: int, rng: Rng) -> tuple[Picture, float]:
    """A square crop that keeps ground to stand on, and the surface line (0..1) in it."""
    side = int(KEPT_PX * rng.uniform(0.75, 1.0))
    room = KEPT_PX - side
    left, top = int(rng.integers(0, room + 1)), int(rng.integers(room // 2, room + 1))
    crop = np.ascontiguousarray(image[top : top + side, left : left + side])
    return cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA), float(
        np.clip((line * KEPT_PX - top) / side, 0, 0.85)
    )


def _lamp(facts: dict[str, str], mirrored: bool, rng: Rng) -> light.Light:
    direction = _sides(facts.get("direction", "front"), mirrored)
    side = {"left": -1.0, "right": 1.0}.get(direction, 0.0) * rng.uniform(0.7, 1.0)
    colour = facts.get("colour", "neutral")
    rgb = np.asarray(light.COLOURS.get(colour, light.COLOURS["neutral"]), np.float32)
    return light.Light(colour, direction, facts.get("hardness", "soft"), "", rgb, float(side), 1.0)


def _product(size: int, line: float, lamp: light.Light, rng: Rng) -> products.Product:
    """On the surface, or anywhere where there is no line, and whole."""
    height = rng.uniform(0.3, 0.62)
    base = rng.uniform(min(max(line, height) + MARGIN, 0.9), 0.95)
    product = products.paint(
        rng, size, size * base, size * height, light_x=lamp.side if rng.random() < 0.5 else rng.uniform(-0.8, 0.8)
    )
    return product if rng.random() < 0.5 else products.lit(product, lamp.rgb)


def _described(facts: dict[str, Any], lamp: light.Light, rng: Rng) -> str:
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
    behind = captions.one_of(rng, captions.BEHIND).format(facts["backdrop"])
    return ", ".join(
        part
        for part in (f"{captions.one_of(rng, captions.ON).removesuffix(' a')} {facts['surface']}", behind, spoken)
        if part
    )


def _sides(text: str, mirrored: bool) -> str:
    """Left and right changed in a text, if the picture was."""
    if not mirrored:
        return text
    return " ".join({"left": "right", "right": "left"}.get(word.strip(",.;"), word) for word in text.split(" "))
