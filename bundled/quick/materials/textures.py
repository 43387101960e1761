"""Flat material tiles, seen square on: wood, marble, cloth, and all that is a cloudy ground with grain."""

from itertools import pairwise

import cv2
import numpy as np

from bundled.quick.drawing.bank import Maker
from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.noise import Rng, grain, grey, noise, scaled, tinted, warped

WOODS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "oak": ((0.52, 0.36, 0.21), (0.80, 0.63, 0.43)),
    "walnut": ((0.20, 0.11, 0.07), (0.44, 0.28, 0.18)),
    "pine": ((0.76, 0.57, 0.36), (0.94, 0.80, 0.60)),
    "white wood": ((0.74, 0.71, 0.66), (0.95, 0.93, 0.90)),
    "dark wood": ((0.10, 0.07, 0.05), (0.30, 0.20, 0.14)),
}


def wood(species: str) -> Maker:
    """Planks along x: fibres, a slow figure, a joint and a tint per plank."""
    dark, light = (np.asarray(c, np.float32) for c in WOODS[species])

    def draw(rng: Rng, side: int) -> Picture:
        fibres = noise(rng, side, side / 3, 3, 3, 0.7)
        figure = np.abs(((noise(rng, side, 9, 1.2, 2) * rng.uniform(0.8, 2.0)) % 1.0) * 2 - 1)
        value = 0.42 + 0.13 * fibres + 0.30 * figure + 0.06 * noise(rng, side, 4, 2, 2)
        return _planked(tinted(value, dark, light), rng, int(rng.integers(2, 7)))

    return draw


def _planked(tile: Picture, rng: Rng, planks: int) -> Picture:
    side = tile.shape[0]
    edges = np.linspace(0, side, planks + 1).astype(int)
    for top, bottom in pairwise(edges):
        rolled = np.roll(tile[top:bottom], int(rng.integers(side)), axis=1)
        tile[top:bottom] = rolled * rng.uniform(0.82, 1.12)
        tile[top : top + max(1, side // 128)] *= 0.45
        seam = int(rng.integers(side))
        tile[top:bottom, seam : seam + max(1, side // 128)] *= 0.55
    return tile


def marble(kind: str) -> Maker:
    """Stone with thin veins where warped noise crosses zero, a soft halo and clouds."""
    stone, vein = {
        "white marble": ((0.93, 0.93, 0.92), (0.50, 0.51, 0.54)),
        "black marble": ((0.09, 0.09, 0.10), (0.80, 0.78, 0.74)),
        "green marble": ((0.10, 0.27, 0.21), (0.72, 0.80, 0.72)),
        "pink marble": ((0.90, 0.76, 0.72), (0.70, 0.48, 0.45)),
        "beige marble": ((0.88, 0.81, 0.71), (0.62, 0.48, 0.34)),
    }[kind]

    def draw(rng: Rng, side: int) -> Picture:
        field = warped(noise(rng, side, 2, 3, 3), rng, side * 0.06, 3)
        fine = warped(noise(rng, side, 5, 4, 3), rng, side * 0.04, 4)
        lines = _vein(field, 0.05) * np.clip(noise(rng, side, 2, 2, 1) * 0.6 + 0.7, 0, 1)
        veins = 0.75 * lines + 0.35 * _vein(fine, 0.04) + 0.22 * _vein(field, 0.5)
        tile = tinted(veins, np.asarray(stone, np.float32), np.asarray(vein, np.float32))
        return tile + grey(0.036 * noise(rng, side, 3, 3, 3))

    return draw


def _vein(field: Picture, width: float) -> Picture:
    """1 where the field crosses zero, falling off to both sides."""
    return np.asarray(cv2.exp(np.abs(field) * np.float32(-1 / width)))


def mottled(
    dark: tuple[float, float, float],
    light: tuple[float, float, float],
    *,
    cells: float = 3,
    contrast: float = 0.18,
    grit: float = 0.06,
    stretch: float = 1.0,
) -> Maker:
    """A cloudy ground with fine grain: concrete, slate, sand, snow, plaster, felt, by its numbers."""

    def draw(rng: Rng, side: int) -> Picture:
        value = 0.5 + contrast * noise(rng, side, cells, cells * stretch, 5, 0.6)
        value += np.float32(grit) * grain(rng, side, side)
        tone = np.float32(rng.uniform(0.92, 1.06))
        return tinted(value, np.asarray(dark, np.float32) * tone, np.asarray(light, np.float32) * tone)

    return draw


def sand(rng: Rng, side: int) -> Picture:
    """Ripples under grain and dark specks."""
    tile = mottled((0.66, 0.53, 0.36), (0.93, 0.83, 0.65), contrast=0.14, grit=0.10)(rng, side)
    y = np.arange(side, dtype=np.float32)[:, None] / side
    ripple = np.sin(y * (2 * np.pi * rng.uniform(5, 12)) + 1.6 * noise(rng, side, 3, 3, 2))
    return scaled(tile, 1 + ripple * np.float32(rng.uniform(0.0, 0.10)))


def linen(rng: Rng, side: int) -> Picture:
    """A plain weave with slubs and slow folds, in grey; the surface tints it."""
    thread = np.sin(np.arange(side, dtype=np.float32) * (2 * np.pi / rng.uniform(3.5, 6.0)))
    weave = 0.5 * thread[None] + 0.5 * thread[:, None]
    slub = noise(rng, side, side / 3, 6, 2) + noise(rng, side, 6, side / 3, 2)
    folds = noise(rng, side, 1.5, 3, 2)
    return grey(0.82 + 0.045 * weave + 0.035 * slub + 0.06 * folds)
