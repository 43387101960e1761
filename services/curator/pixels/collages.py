"""Whether a photo is several photos side by side: straight gutters or seams from edge to edge."""

import numpy as np
from numpy.typing import NDArray

from shared.contracts.images import Pixels

EVEN = 3.0  # grey levels: the deviation within one line of a gutter
LIVELY = 12.0  # the deviation of the picture beside it
WIDEST = 0.08  # of the side; wider even bands are walls and skies
MARGIN = 0.1  # of the side: frames around a picture divide nothing
STEP = 10.0  # grey levels across a seam, along SEAM of its length, and between a gutter and APART of the lines beside
SEAM, APART = 0.9, 0.6


def dividers(grey_HW: Pixels) -> int:
    """How many gutters (upright or level) and upright seams divide a picture.

    A level seam alone is no sign: the far edge of a table is one.
    """
    grey = grey_HW.astype(np.float32)
    return _gutters(grey) + _gutters(grey.T) + _seams(grey)


def _gutters(grey_HW: NDArray[np.float32]) -> int:
    """Upright even bands with lively pictures on both sides."""
    width, deviation_W = grey_HW.shape[1], grey_HW.std(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (deviation_W < EVEN).astype(np.int8), [0]))))
    found = 0
    for first, past in zip(edges[::2], edges[1::2], strict=True):
        inside = MARGIN * width < first and past < (1 - MARGIN) * width
        if inside and 2 <= past - first <= WIDEST * width:
            sides = (first - 2, past + 1)  # one line more may be blurred
            level = float(grey_HW[:, first:past].mean())
            apart = min(float((np.abs(grey_HW[:, side] - level) > STEP).mean()) for side in sides)
            found += bool(apart > APART and min(deviation_W[side] for side in sides) > LIVELY)
    return found


def _seams(grey_HW: NDArray[np.float32]) -> int:
    """Upright lines across which nearly every row jumps, and no row does a little beside them."""
    width = grey_HW.shape[1]
    jumps_W = (np.abs(np.diff(grey_HW, axis=1)) > STEP).mean(axis=0)
    first, last = round(MARGIN * width), round((1 - MARGIN) * width)
    places = [x for x in range(max(3, first), min(last, width - 4)) if jumps_W[x] >= SEAM]
    return sum(max(jumps_W[x - 2], jumps_W[x + 2]) < SEAM / 3 for x in places)
