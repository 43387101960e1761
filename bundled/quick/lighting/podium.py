"""A cylinder to stand on: lit body, paler top, the product's shadow on the top alone."""

from dataclasses import dataclass

import cv2
import numpy as np

from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.planes import Planes, blend, per_plane
from bundled.quick.lighting.light import QuickLight


@dataclass(frozen=True)
class Podium:
    """Where it stands (px) and its colour (3,)."""

    centre_x: float
    top_y: float
    half: float
    colour: Picture


def stand(picture: Planes, podium: Podium, lamp: QuickLight, shade: Picture) -> None:
    """Paints it into the picture (3 x size x size), in place; `shade` is what the product leaves of the light."""
    size = picture.shape[2]
    middle_y = podium.top_y - size * 0.01
    left, right = (int(np.clip(round(podium.centre_x + s * podium.half), 0, size)) for s in (-1, 1))
    first = max(0, int(middle_y - podium.half * 0.22) - 2)
    picture[:, max(0, round(middle_y)) :, left : right + 1] = _body(podium, lamp, size)[:, :, left : right + 1]
    top = np.zeros((size - first, size), np.uint8)
    middle = (round(podium.centre_x * 8), round((middle_y - first) * 8))
    axes = (round(podium.half * 8), round(podium.half * 0.22 * 8))
    cv2.ellipse(top, middle, axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 3)
    paler = np.minimum(per_plane(podium.colour * lamp.tone) * np.float32(1.08), np.float32(1))
    blend(picture[:, first:], paler * shade[first:], top * np.float32(1 / 255))


def _body(podium: Podium, lamp: QuickLight, size: int) -> Planes:
    """Its side, 3 x 1 x size: a cylinder in the light."""
    u = np.clip((np.arange(size, dtype=np.float32) - podium.centre_x) / podium.half, -1, 1)
    lambert = np.clip(0.7 * lamp.side * u + 0.7 * np.sqrt(1 - u * u), 0, 1)
    return per_plane(podium.colour * lamp.tone) * np.asarray(0.45 + 0.5 * lambert, np.float32)
