"""Whether walls and surfaces have the colour that was asked, measured in CIE Lab outside the product. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.recolouring import PAINTS
from services.inpainter.prompt.parsing import Wishes
from shared.contracts.images import Pixels

PLAIN = frozenset({"wall", "gradient", "plaster", "curtain", "tiled wall", "brick"})  # backdrops of one colour
TINTED = frozenset({"tiles", "linen", "velvet", "acrylic", "paper", "marble"})  # surfaces of one colour
UPPER, LOWER = slice(0.0, 0.35), slice(0.8, 1.0)  # rows, as fractions of the height, that surely belong to them
NEAR, FAR = 14.0, 48.0  # Lab distances: still that colour; clearly another. Wide, for light tints what it falls on
LIGHTNESS = 0.5  # weight of lightness: shade is no other colour


def colour_agreements(picture: Pixels, mask: Pixels, wishes: Wishes) -> list[float]:
    """One number 0..1 for each colour that was asked of a wall or surface that has one; 1 is that colour."""
    asked = []
    if wishes.backdrop_colour and (wishes.backdrop or "wall") in PLAIN and wishes.view != "flatlay":
        asked.append((wishes.backdrop_colour, UPPER))
    if wishes.surface_colour and wishes.surface in TINTED and "surface" not in wishes.suggested:
        asked.append((wishes.surface_colour, LOWER))
    return [_likeness(picture, mask, PAINTS[word], rows) for word, rows in asked if word in PAINTS]


def _likeness(picture: Pixels, mask: Pixels, rgb: tuple[int, int, int], rows: slice) -> float:
    part = slice(int(rows.start * len(mask)), max(1, int(rows.stop * len(mask))))
    free = mask[part] < 10
    pixels_N3 = picture[part][free] if free.any() else picture[part].reshape(-1, 3)
    seen, wanted = _lab(np.median(pixels_N3, axis=0)), _lab(np.asarray(rgb))
    distance = float(np.hypot(LIGHTNESS * (seen - wanted)[0], np.linalg.norm((seen - wanted)[1:])))
    return float(np.clip((FAR - distance) / (FAR - NEAR), 0.0, 1.0))


def _lab(rgb: NDArray[np.generic]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32)[None, None] / 255, cv2.COLOR_RGB2LAB)[0, 0], np.float32)
