"""The shade a product casts into a plate: contact, ambient and cast shadow as one map of darkness. Pure.

Drawn before the painter starts, so that a small model only has to harmonise it (cf. Hong et al. 2022, "Shadow
Generation for Composite Image", where learning it from nothing is the hard part).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.footing import footing
from services.inpainter.compose.placement import Stance, stance
from services.inpainter.compose.strips import Enlarged
from shared.contracts.images import Pixels
from shared.contracts.styles import Light
from shared.contracts.vocabulary import View

WORK_SIDE = 512  # pixels of the long side the shade is drawn at; blurred edges need no more
Map = NDArray[np.float32]


@dataclass(frozen=True)
class Cast:
    """How long, dark and blurred a cast shadow is: `aside` and `away` per unit of height, blur per frame side."""

    aside: float
    away: float
    dark: float
    blur: float


CASTS: dict[tuple[str, str], Cast] = {
    ("left", "soft"): Cast(0.55, 0.08, 0.40, 0.022),
    ("right", "soft"): Cast(-0.55, 0.08, 0.40, 0.022),
    ("front", "soft"): Cast(0.10, 0.16, 0.30, 0.022),
    ("back", "soft"): Cast(0.05, -0.34, 0.36, 0.024),
    ("left", "hard"): Cast(0.75, 0.14, 0.46, 0.008),
    ("right", "hard"): Cast(-0.75, 0.14, 0.46, 0.008),
    ("front", "hard"): Cast(0.14, 0.24, 0.40, 0.008),
    ("back", "hard"): Cast(0.10, -0.55, 0.44, 0.010),
}


def shade(mask: Pixels, light: Light, view: View, line_at: float | None = None) -> Enlarged:
    """Darkness (H, W) 0..1 that the product (mask (H, W), 255) casts; nothing for a backdrop far behind it."""
    height, width = mask.shape
    if view == "backdrop":
        return Enlarged.of(np.zeros((1, 1), np.float32), (width, height))
    factor = min(1.0, WORK_SIDE / max(height, width))
    size = max(2, round(width * factor)), max(2, round(height * factor))
    small: Map = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
    if view == "flatlay":
        dark = _drop(small, light)
    else:
        dark = _standing(small, light, stance(mask), factor, None if line_at is None else line_at * factor)
    return Enlarged.of(np.clip(dark, 0, 0.92), (width, height))


def darken(picture: NDArray[np.float32], dark: Map, light: Light) -> NDArray[np.float32]:
    """The picture (H, W, 3) in shade; shade keeps the sky's blue where the light is warm."""
    tint = {"warm": (1.06, 1.0, 0.92), "neutral": (1.02, 1.0, 0.98), "cool": (1.0, 1.0, 1.0)}[light.colour]
    return np.asarray(picture * (1 - dark[..., None] * np.asarray(tint, np.float32)), np.float32).clip(0)


def _drop(mask: Map, light: Light) -> Map:
    """What lies flat shades its own outline: a tight line and a soft one, away from the light."""
    side = max(mask.shape)
    hard = light.hardness == "hard"
    towards = {"left": 1.0, "right": -1.0, "front": 0.25, "back": -0.25}[light.direction]
    reach = side * (0.020 if hard else 0.014)
    far = _blur(_shifted(mask, towards * reach, 0.8 * reach), side * (0.007 if hard else 0.016))
    near = _blur(_shifted(mask, 0.3 * towards * reach, 0.3 * reach), side * 0.005)
    return np.asarray(1 - (1 - (0.42 if hard else 0.34) * far) * (1 - 0.34 * near), np.float32)


def _standing(mask: Map, light: Light, stands: Stance, factor: float, line_at: float | None) -> Map:
    base, tall, wide = stands.base * factor, stands.height * factor, stands.width * factor
    side = max(mask.shape)
    foot = footing(mask > 0.5)
    lows, touch = foot.lows, foot.touch
    contact = _blur(_below(mask.shape, lows, touch, 0.012 * side), 0.004 * side) * 0.75
    depth = 0.16 * min(wide, 2 * tall)
    ambient = _blur(_below(mask.shape, lows, touch, depth), 0.10 * depth + 0.012 * side) * 0.55
    cast = CASTS[(light.direction, light.hardness)]
    thrown = _thrown(mask, foot.line or (base, 0.0), cast, side) * cast.dark
    dark = 1 - (1 - contact) * (1 - ambient) * (1 - thrown)
    return np.asarray(dark if line_at is None else dark * _ground(mask.shape[0], line_at), np.float32)


def _ground(height: int, line_at: float) -> Map:
    """1 on the surface, fading out over a few rows above its far edge: what stands behind is too far for the shade."""
    rows = np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(np.clip((rows - line_at) / (0.015 * height) + 0.5, 0, 1), np.float32)


def _below(shape: tuple[int, ...], lows: Map, touch: Map, depth: float) -> Map:
    """A band of `depth` rows under (and behind) the lowest row of each column, as dark as the column touches."""
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    band = np.clip(1 - np.abs(rows - lows[None] + 0.2 * depth) / max(1.0, depth), 0, 1)
    return np.asarray(band * touch[None], np.float32)


def _thrown(mask: Map, line: tuple[float, float], cast: Cast, side: int) -> Map:
    """The outline laid on the ground: sheared aside and away, and the more blurred the higher its part stood.

    Every part is moved by its height above the `line` on which the product stands (its row at column 0, its slope).
    """
    rows, columns = mask.shape
    start, slope = line
    above = start + slope * np.arange(columns, dtype=np.float32) - np.arange(rows, dtype=np.float32)[:, None]
    tall = max(1.0, float(above[mask > 0.5].max(initial=0.0)))
    shear = np.array(
        [
            [1 + cast.aside * slope, -cast.aside, cast.aside * start],
            [(1 - cast.away) * slope, cast.away, (1 - cast.away) * start],
        ],
        np.float32,
    )
    heights = np.clip(above / tall, 0, 1)
    laid, raised = (
        np.asarray(cv2.warpAffine(layer.astype(np.float32), shear, (columns, rows), flags=cv2.INTER_AREA), np.float32)
        for layer in (mask, mask * heights)
    )
    near, far = _blur(laid, 0.25 * cast.blur * side), _blur(laid, 1.6 * cast.blur * side)
    high = _blur(raised, cast.blur * side) / np.maximum(_blur(laid, cast.blur * side), 1e-3)
    high = np.clip(high, 0, 1)
    return np.asarray((near * (1 - high) + far * high) * (1 - 0.45 * high), np.float32)


def _shifted(mask: Map, x: float, y: float) -> Map:
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return np.asarray(cv2.warpAffine(mask, move, mask.shape[::-1]), np.float32)


def _blur(picture: Map, sigma: float) -> Map:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(0.4, sigma)), np.float32)
