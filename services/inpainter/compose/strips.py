"""Pictures worked on in strips of rows, so that none is ever held in floats as a whole. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS = 128  # of a strip: 128 x 8,000 x 3 floats are 12 MB
CUBIC = -0.75  # the coefficient that OpenCV's bicubic resize uses

Floats = NDArray[np.float32]


def strips(height: int) -> Iterator[slice]:
    """The rows of a picture, ROWS at a time, from the top."""
    for top in range(0, height, ROWS):
        yield slice(top, min(height, top + ROWS))


def with_halo(rows: slice, halo: int, height: int) -> tuple[slice, slice]:
    """`rows` with `halo` more on both sides, within the picture, and where `rows` lie in them."""
    top, bottom = max(0, rows.start - halo), min(height, rows.stop + halo)
    return slice(top, bottom), slice(rows.start - top, rows.stop - top)


@dataclass(frozen=True)
class Enlarged:
    """A small map (h, w) or (h, w, C) as it would be at `height` rows, given out in strips; as cv2.resize does it.

    `wide` (h, W, ...) has its full width already: a few rows cost little.
    """

    wide: Floats
    height: int
    cubic: bool = False

    @classmethod
    def of(cls, small: Floats, size: tuple[int, int], *, cubic: bool = False) -> "Enlarged":
        """`size`: width and height it is enlarged to; rows linearly between neighbours, or bicubic."""
        how = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
        wide = cv2.resize(small, (size[0], small.shape[0]), interpolation=how)
        return cls(np.asarray(wide, np.float32), size[1], cubic)

    def rows(self, rows: slice) -> Floats:
        """Those rows at full size (n, W, ...)."""
        place = (np.arange(rows.start, rows.stop) + 0.5) * (len(self.wide) / self.height) - 0.5
        first = np.floor(place).astype(int)
        weights = _cubic(place - first) if self.cubic else {0: 1 - (place - first), 1: place - first}
        shape = (-1, *(1,) * (self.wide.ndim - 1))
        total = np.zeros((rows.stop - rows.start, *self.wide.shape[1:]), np.float32)
        for step, weight in weights.items():
            near = self.wide[np.clip(first + step, 0, len(self.wide) - 1)]
            total += near * weight.astype(np.float32).reshape(shape)
        return total


def _cubic(share: NDArray[np.float64]) -> dict[int, NDArray[np.float64]]:
    """The weights of the rows at -1, 0, 1 and 2 for a place `share` (0..1) below row 0 (Keys 1981)."""
    before, after = share + 1, 1 - share

    def near(far: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((CUBIC + 2) * far - (CUBIC + 3)) * far * far + 1

    def outer(far: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((CUBIC * far - 5 * CUBIC) * far + 8 * CUBIC) * far - 4 * CUBIC

    first, second, third = outer(before), near(share), near(after)
    return {-1: first, 0: second, 1: third, 2: 1 - first - second - third}
