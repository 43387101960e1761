"""Whether walls and surfaces have the colour that was asked, measured in CIE Lab outside the product. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.prompt.scene_attributes import SceneAttributes
from shared.contracts.images import Pixels
from shared.contracts.vocabulary import COLOURS, Colour, Srgb

PLAIN = frozenset({"wall", "gradient", "plaster", "curtain", "tiled wall", "brick"})  # backdrops of one colour
TINTED = frozenset({"tiles", "linen", "velvet", "acrylic", "paper", "marble"})  # surfaces of one colour
UPPER, LOWER = slice(0.0, 0.35), slice(0.8, 1.0)  # rows, as fractions of the height, that surely belong to them
NEAR, FAR = 14.0, 48.0  # Lab distances: still that colour; clearly another. Wide, for light tints what it falls on
LIGHTNESS = 0.5  # weight of lightness: shade is no other colour


def colour_agreements(picture: Pixels, mask: Pixels, asked: SceneAttributes) -> list[float]:
    """One number 0..1 for each colour that was asked of a wall or surface that has one; 1 is that colour."""
    coloured: list[tuple[Colour, slice]] = []
    if asked.backdrop_colour and (asked.backdrop or "wall") in PLAIN and asked.view != "flatlay":
        coloured.append((asked.backdrop_colour, UPPER))
    if asked.surface_colour and asked.surface in TINTED and "surface" not in asked.suggested:
        coloured.append((asked.surface_colour, LOWER))
    return [_likeness(picture, mask, COLOURS[word], rows) for word, rows in coloured]


def _likeness(picture: Pixels, mask: Pixels, rgb: Srgb, rows: slice) -> float:
    part = slice(int(rows.start * len(mask)), max(1, int(rows.stop * len(mask))))
    free = mask[part] < 10
    pixels_N3 = picture[part][free] if free.any() else picture[part].reshape(-1, 3)
    seen, wanted = _lab(np.median(pixels_N3, axis=0)), _lab(np.asarray(rgb))
    distance = float(np.hypot(LIGHTNESS * (seen - wanted)[0], np.linalg.norm((seen - wanted)[1:])))
    return float(np.clip((FAR - distance) / (FAR - NEAR), 0.0, 1.0))


def _lab(rgb: NDArray[np.generic]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32)[None, None] / 255, cv2.COLOR_RGB2LAB)[0, 0], np.float32)
