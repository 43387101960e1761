"""Where a product touches the ground, read from the lower edge of its outline. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float32]

STEEP = 0.9  # slope beyond which an edge is a side, not an underside
BENT = 0.10  # change of slope from which an edge is round
ALONG = 0.33  # of the width: a straight edge that is as long says how the product stands
OFF_LINE = 0.03  # of the width: how far the lower edge may be from the line that it is taken for


@dataclass(frozen=True)
class Footing:
    """For each column the lowest product row `lows` (-1 without product) and `touch`, 0..1; the `depth` of the foot;
    the `line` it stands on: its row at column 0, and its rows per column.

    `depth` (rows) is how far the touching edge climbs on both sides of its lowest point: a box seen from its corner
    shows how steeply the camera looks down, and so how far up the ground must reach. Where one long edge is seen, a bag
    that stands askew, that is the line it stands on; else there is none to be seen, and the ground is level.
    """

    lows: Row
    touch: Row
    depth: float
    line: tuple[float, float] | None = None


def footing(product: NDArray[np.bool_]) -> Footing:
    """Read the footing of a product mask (H, W).

    A row above the base means "off the ground" for a round thing, but "further back" for one with a straight lower
    edge (a box seen from its corner, a pair of shoes): there a straight edge may rise much further.
    """
    rows = product.shape[0]
    filled = product.any(axis=0)
    lows = np.where(filled, rows - np.argmax(product[::-1], axis=0), -1.0).astype(np.float32)
    columns = np.flatnonzero(filled)
    wide, base = float(columns[-1] + 1 - columns[0]), float(lows.max())
    tall = base - float(np.flatnonzero(product.any(axis=1))[0])
    straight = _straight(lows, wide)
    lift = np.clip(base - lows, 0, None)
    touch = np.exp(-((lift / np.maximum(1.0, 0.05 * tall + 0.05 * wide + 0.45 * tall * straight)) ** 2))
    touch = np.where(filled, touch, 0).astype(np.float32)
    edge = straight * touch > 0.5
    return Footing(lows, touch, _climb(lift, straight * filled, base, lows), _line(lows, edge, wide))


def _line(lows: Row, edge: NDArray[np.bool_], wide: float) -> tuple[float, float] | None:
    """The line through the columns of a straight `edge`; None where it is short, or more than one line."""
    columns = np.flatnonzero(edge).astype(np.float32)
    if columns.size < max(2.0, ALONG * wide):
        return None
    slope, start = np.polyfit(columns, lows[edge], 1)
    off = np.abs(lows[edge] - start - slope * columns).max()
    return (float(start), float(slope)) if off < max(1.0, OFF_LINE * wide) else None


def _climb(lift: Row, straight: Row, base: float, lows: Row) -> float:
    """Rows that straight edges climb left of the lowest point, plus those right of it."""
    lowest = int(np.argmax(lows >= base))
    rises = lift * (straight > 0.5)
    left, right = rises[: lowest + 1].max(initial=0.0), rises[lowest:].max(initial=0.0)
    return float(left + right) if min(left, right) > 0.02 * max(1.0, float(rises.size)) else 0.0


def _straight(lows: Row, wide: float) -> Row:
    """How straight (0..1) the lower edge runs around each column; steep sides do not count."""
    step = max(2, round(0.10 * wide))
    smooth = np.asarray(cv2.GaussianBlur(np.where(lows < 0, 0, lows)[None], (0, 0), 1.5), np.float32)[0]
    before, after = np.roll(smooth, step), np.roll(smooth, -step)
    bend, slope = np.abs(before + after - 2 * smooth) / step, np.abs(after - before) / (2 * step)
    known = (lows >= 0) & (np.roll(lows, step) >= 0) & (np.roll(lows, -step) >= 0)
    return np.where(known & (slope < STEEP), np.exp(-((bend / BENT) ** 2)), 0).astype(np.float32)
