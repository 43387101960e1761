"""What stands behind the product: a robust colour model of the picture's border, smooth over the picture.

Colours are CIE L*a*b* as cv2 gives it for float pictures (L 0..100, a and b about -127..127), so that one unit is about
one just noticeable difference.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.contracts.images import Pixels

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

RING = 0.015  # width of the border that is looked at, as a share of the shorter side
NEAR = 8.0  # a border colour this close to the common one may still be the same backdrop, unevenly lit
EVEN = 1.5  # a backdrop that stays within this is one colour, with nothing to fit
FLAT = 0.35  # and one this even has been painted or blown out: what is off it is not light but something else
PLAIN_SHARE = 0.58  # of the border must be backdrop: people in garments cover up to a third of it
PLAIN_NOISE = 0.85  # more uneven than this around the smooth model is a texture, not a studio ground


@dataclass(frozen=True)
class Backdrop:
    """`ground` is the backdrop's colour at every pixel; `noise` is its own unevenness (Lab units)."""

    kind: Literal["plain", "scene"]
    ground: Floats
    noise: float
    share: float  # of the border that shows it


def to_lab(rgb: Pixels) -> Floats:
    """RGB uint8 (H, W, 3) as float Lab (H, W, 3)."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB), dtype=np.float32)


@dataclass(frozen=True)
class Colours:
    """A picture (H, W, 3) and what its colours say, worked out once however often its outline is asked for."""

    rgb: Pixels

    @cached_property
    def lab(self) -> Floats:
        """Lab (H, W, 3)."""
        return to_lab(self.rgb)

    @cached_property
    def backdrop(self) -> Backdrop:
        """What stands behind the product."""
        return read_backdrop(self.lab)


def read_backdrop(lab_HW3: Floats) -> Backdrop:
    """The border's common colour, or a smooth surface where the light is uneven; outliers (the product) left out."""
    height, width = lab_HW3.shape[:2]
    ys, xs = _ring(height, width)
    colours = lab_HW3[ys, xs]
    common = _common(colours)
    off = np.linalg.norm(colours - common, axis=1)
    weights, kept = np.vstack([common, np.zeros((4, 3))]), off < EVEN
    flat = _noise(off[kept]) <= FLAT
    if kept.mean() < PLAIN_SHARE or (not flat and kept.sum() < 0.95 * (off < NEAR).sum()):
        weights, kept, off = _uneven(colours, _terms(ys / height, xs / width), off < NEAR)
    noise = _noise(off[kept])
    share = float(kept.mean())
    plain = share >= PLAIN_SHARE and noise <= PLAIN_NOISE
    return Backdrop("plain" if plain else "scene", _surface(weights, height, width), noise, share)


def _uneven(colours_N3: Floats, terms_NT: NDArray[Any], kept_N: Flags) -> tuple[NDArray[Any], Flags, NDArray[Any]]:
    """A surface fitted to the border again and again without what is far off it: weights, kept pixels, distances."""
    weights = np.zeros((terms_NT.shape[1], 3))
    for _ in range(3):
        if kept_N.sum() < 20:
            break  # no colour is common here: a texture
        weights = np.linalg.lstsq(terms_NT[kept_N], colours_N3[kept_N], rcond=None)[0]
        off_N = np.linalg.norm(colours_N3 - terms_NT @ weights, axis=1)
        kept_N = off_N < max(1.5, 3.0 * float(np.median(off_N[kept_N])))
    off_N = np.linalg.norm(colours_N3 - terms_NT @ weights, axis=1)
    return weights, kept_N, off_N


def _noise(off_N: NDArray[Any]) -> float:
    """Root mean square of distances; of none at all, far above any limit."""
    return float(np.sqrt(np.mean(off_N**2))) if len(off_N) else 100.0


def _ring(height: int, width: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows and columns of the border's pixels, at most some twenty thousand of them."""
    thick = max(2, round(RING * min(height, width)))
    inside = np.ones((height, width), bool)
    inside[thick:-thick, thick:-thick] = False
    ys, xs = np.nonzero(inside)
    step = max(1, len(ys) // 20_000)
    return ys[::step], xs[::step]


def _common(colours_N3: Floats) -> NDArray[Any]:
    """The most frequent colour: the middle of the fullest cell of a coarse histogram, then the median around it."""
    cells = np.round(colours_N3 / 6.0).astype(np.int64)
    code = (cells + 64) @ np.array([1, 256, 65536])
    values, counts = np.unique(code, return_counts=True)
    centre = colours_N3[code == values[np.argmax(counts)]].mean(axis=0)
    near = np.linalg.norm(colours_N3 - centre, axis=1) < NEAR
    return np.asarray(np.median(colours_N3[near], axis=0))


def _terms(y: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
    """Constant, tilt and bow: studio light falls off slowly."""
    return np.stack([np.ones_like(y), x, y, x * x, y * y], axis=-1)


def _surface(weights: NDArray[Any], height: int, width: int) -> Floats:
    y = np.linspace(0, 1, height, endpoint=False, dtype=np.float32)[:, None, None]
    x = np.linspace(0, 1, width, endpoint=False, dtype=np.float32)[None, :, None]
    across, down = x * weights[1] + x * x * weights[3], y * weights[2] + y * y * weights[4]
    return np.asarray(weights[0] + across + down, dtype=np.float32)
