"""The few strokes that rooms and landscapes are painted with: plain, ramp, box, spots."""

from collections.abc import Sequence

import cv2
import numpy as np

from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.noise import Rng


def rgb(*colour: float) -> Picture:
    return np.asarray(colour, np.float32)


def plain(colour: Sequence[float] | Picture, side: int) -> Picture:
    return np.broadcast_to(np.asarray(colour, np.float32), (side, side, 3)).copy()


def ramp(top: Picture, bottom: Picture, side: int) -> Picture:
    down = np.linspace(0, 1, side, dtype=np.float32)[:, None, None]
    return np.array(np.broadcast_to(top + (bottom - top) * down, (side, side, 3)), np.float32, order="C")


def box(canvas: Picture, x: float, y: float, w: float, h: float, colour: Sequence[float] | Picture) -> None:
    side = canvas.shape[0]
    a, b, c, d = (round(v * side) for v in (x, y, x + w, y + h))
    canvas[max(b, 0) : max(d, 0), max(a, 0) : max(c, 0)] = np.asarray(colour, np.float32)


def spots(
    canvas: Picture, rng: Rng, count: int, radius: tuple[float, float], colours: Sequence[Picture], alpha: float
) -> None:
    side = canvas.shape[0]
    layer = np.zeros_like(canvas)
    for _ in range(count):
        centre = tuple(rng.integers(0, side, 2).tolist())
        colour = np.clip(colours[int(rng.integers(len(colours)))] * rng.uniform(0.7, 1.15), 0, 1)
        cv2.circle(layer, centre, max(1, int(side * rng.uniform(*radius))), (alpha * colour).tolist(), -1, cv2.LINE_AA)
    np.maximum(canvas, cv2.addWeighted(canvas, 1 - alpha, layer, 1, 0), out=canvas)
