"""Backdrops out of doors and far-off lights: foliage, sea, sky, mountains, city, festive lights."""

import cv2
import numpy as np
import numpy.typing as npt

from bundled.quick.drawing.colours import Picture, centre_of
from bundled.quick.drawing.noise import Rng, mixed, noise, scaled, tinted
from bundled.quick.drawing.strokes import box, plain, ramp, rgb, spots


def _foliage(rng: Rng, side: int, dark: Picture, light: Picture, cells: float = 12) -> Picture:
    value = 0.5 + 0.25 * noise(rng, side, cells, cells, 3) + 0.16 * noise(rng, side, 2, 2, 1)
    return tinted(value, dark, light)


def _pasted(canvas: Picture, layer: Picture, where: npt.NDArray[np.bool_]) -> Picture:
    """The layer where it is said to be, put into the canvas in place."""
    return np.asarray(cv2.copyTo(layer, where.view(np.uint8), canvas))


def garden(rng: Rng, side: int) -> Picture:
    canvas = _foliage(rng, side, rgb(0.06, 0.15, 0.05), rgb(0.45, 0.62, 0.24), rng.uniform(6, 14))
    if rng.random() < 0.6:
        spots(canvas, rng, int(rng.integers(4, 22)), (0.01, 0.05), (rgb(0.75, 0.9, 0.5), rgb(0.95, 1, 0.85)), 0.45)
    return canvas


def forest(rng: Rng, side: int) -> Picture:
    canvas = scaled(ramp(rgb(0.22, 0.33, 0.20), rgb(0.10, 0.14, 0.08), side), 1 + 0.15 * noise(rng, side, 8, 8, 2))
    for _ in range(int(rng.integers(6, 13))):
        shade = rgb(0.20, 0.15, 0.10) * rng.uniform(0.5, 1.5)
        box(canvas, rng.uniform(-0.05, 1), 0, rng.uniform(0.015, 0.07), 1, shade)
    leaves = _foliage(rng, side, rgb(0.05, 0.12, 0.05), rgb(0.35, 0.47, 0.2), 10)
    return _pasted(canvas, leaves, noise(rng, side, 6, 6, 3) > 0.6)


def flowers(rng: Rng, side: int) -> Picture:
    canvas = _foliage(rng, side, rgb(0.10, 0.22, 0.08), rgb(0.45, 0.62, 0.28), 14)
    words = [
        ("pink", "white", "lilac"),
        ("red", "orange", "yellow"),
        ("lilac", "purple", "white"),
        ("yellow", "white", "pink"),
    ][int(rng.integers(4))]
    spots(canvas, rng, 110, (0.008, 0.035), [centre_of(word) for word in words], 0.95)
    return canvas


def _sky_colours(rng: Rng) -> tuple[Picture, Picture]:
    return rgb(0.22, 0.47, 0.80) * rng.uniform(0.85, 1.15), rgb(0.70, 0.84, 0.95) * rng.uniform(0.92, 1.05)


def sky(rng: Rng, side: int) -> Picture:
    canvas = ramp(*_sky_colours(rng), side)
    clouds = np.clip(0.5 * noise(rng, side, 2.5, 2, 5, 0.55) - rng.uniform(0.0, 0.7), 0, 1)
    return mixed(canvas, np.ones_like(canvas), clouds)


def sea(rng: Rng, side: int) -> Picture:
    """Sky above, water below the middle; the caller keeps the middle above the surface line."""
    canvas = sky(rng, side)
    top = int(side * rng.uniform(0.30, 0.62))
    far, near = rgb(0.08, 0.33, 0.55) * rng.uniform(0.8, 1.25), rgb(0.20, 0.58, 0.66) * rng.uniform(0.85, 1.2)
    water = scaled(ramp(far, near, side), 1 + 0.06 * noise(rng, side, 50, 4, 3))
    foam = noise(rng, side, 30, 3, 3) > rng.uniform(1.6, 2.6)
    canvas[top:] = _pasted(water, plain(rgb(0.95, 0.95, 0.95), side), foam)[: side - top]
    return canvas


def _ridge(canvas: Picture, rng: Rng, height: float, rough: float, colour: Picture, snow: float = 0.0) -> None:
    side = canvas.shape[0]
    points = sum(
        rough
        / 2**k
        * cv2.resize(
            rng.standard_normal((1, 3 * 2**k + 1)).astype(np.float32), (side, 1), interpolation=cv2.INTER_LINEAR
        )
        for k in range(5)
    )
    top = side * (height + np.asarray(points))
    y = np.arange(side, dtype=np.float32)[:, None]
    cap = (y - top < side * snow).astype(np.float32)
    rock = scaled(tinted(cap, colour, rgb(0.93, 0.95, 0.98)), 1 + 0.1 * noise(rng, side, 12, 12, 3))
    _pasted(canvas, rock, y >= top)


def mountains(rng: Rng, side: int) -> Picture:
    canvas = ramp(*_sky_colours(rng), side)
    _ridge(canvas, rng, 0.36, 0.10, rgb(0.46, 0.54, 0.64), snow=0.09 if rng.random() < 0.7 else 0.0)
    _ridge(canvas, rng, 0.52, 0.05, rgb(0.26, 0.36, 0.36))
    _ridge(canvas, rng, 0.66, 0.03, rgb(0.16, 0.26, 0.16))
    return canvas


def desert(rng: Rng, side: int) -> Picture:
    canvas = ramp(*_sky_colours(rng), side)
    for height in (0.42, 0.52, 0.64):
        _ridge(canvas, rng, height, 0.03, rgb(0.84, 0.62, 0.40) * rng.uniform(0.75, 1.1))
    return canvas


def sunset(rng: Rng, side: int) -> Picture:
    canvas = ramp(rgb(0.36, 0.33, 0.55) * rng.uniform(0.7, 1.3), rgb(1.0, 0.62, 0.32) * rng.uniform(0.9, 1.05), side)
    bands = np.clip(0.5 * noise(rng, side, 9, 1.5, 4) - 0.3, 0, 1)
    canvas = mixed(canvas, plain(rgb(0.98, 0.55, 0.45), side), 0.6 * bands)
    if rng.random() < 0.6:
        spots(canvas, rng, 1, (0.04, 0.08), (rgb(1, 0.93, 0.75),), 0.95)
    if rng.random() < 0.4:
        _ridge(canvas, rng, 0.66, 0.03, rgb(0.20, 0.14, 0.18))
    return canvas


def city(rng: Rng, side: int) -> Picture:
    canvas = ramp(rgb(0.04, 0.05, 0.11), rgb(0.10, 0.08, 0.13), side)
    for _ in range(int(rng.integers(5, 10))):
        height = rng.uniform(0.2, 0.8)
        box(
            canvas,
            rng.uniform(-0.1, 1),
            1 - height,
            rng.uniform(0.08, 0.2),
            height,
            rgb(0.06, 0.07, 0.11) * rng.uniform(0.6, 2),
        )
    lights = (rgb(1, 0.75, 0.35), rgb(1, 0.5, 0.25), rgb(0.45, 0.7, 1), rgb(1, 0.35, 0.5), rgb(1, 0.92, 0.75))
    spots(canvas, rng, int(rng.integers(25, 60)), (0.012, 0.05), lights, 0.75)
    return canvas


def festive(rng: Rng, side: int) -> Picture:
    dark = rng.random() < 0.5
    canvas = (
        _foliage(rng, side, rgb(0.02, 0.07, 0.04), rgb(0.10, 0.26, 0.14))
        if dark
        else plain(rgb(0.32, 0.12, 0.09) * rng.uniform(0.6, 1.4), side)
    )
    spots(
        canvas,
        rng,
        int(rng.integers(22, 50)),
        (0.012, 0.035),
        (rgb(1, 0.82, 0.45), rgb(1, 0.72, 0.35), rgb(1, 0.9, 0.65)),
        0.85,
    )
    spots(canvas, rng, int(rng.integers(2, 9)), (0.03, 0.06), (rgb(0.8, 0.12, 0.12), rgb(0.85, 0.65, 0.25)), 0.9)
    return canvas
