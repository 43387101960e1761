"""Tiles of many small things: blades of grass, chips of terrazzo, pebbles, fallen leaves."""

import cv2
import numpy as np

from bundled.quick.drawing.bank import Maker
from bundled.quick.drawing.colours import Picture, shades_of
from bundled.quick.drawing.noise import Rng
from bundled.quick.materials.textures import mottled

SHADES = 24  # blades share so many tones: those of one tone are drawn in one go


def blades(
    dark: tuple[float, float, float], light: tuple[float, float, float], length: float, count: int = 2600
) -> Maker:
    """Short strokes upwards over a dark ground: grass and fur."""

    def draw(rng: Rng, side: int) -> Picture:
        tile = np.empty((side, side, 3), np.float32)
        tile[:] = np.asarray(dark, np.float32) * 0.8
        foot = rng.integers(0, side, (count, 2))
        reach = rng.normal(0, 1, (count, 2)) * (0.35, 0.2) - (0, 1)
        tip = foot + reach * side * length * rng.uniform(0.5, 1.2, (count, 1))
        strokes = np.stack([foot, tip.astype(int)], 1).astype(np.int32)
        for some, shade in zip(
            np.array_split(strokes, SHADES * 4), np.clip(rng.normal(0.5, 0.25, SHADES * 4), 0, 1), strict=True
        ):
            colour = [d * (1 - shade) + li * shade for d, li in zip(dark, light, strict=True)]
            cv2.polylines(tile, list(some), False, colour, 1, cv2.LINE_8)
        return tile

    return draw


def chips(
    ground: tuple[float, float, float], colours: tuple[str, ...], count: int, size: float, *, round_: bool = False
) -> Maker:
    """Small pieces strewn over a ground: terrazzo (angular) and pebbles (round)."""

    def draw(rng: Rng, side: int) -> Picture:
        tile = mottled(tuple(c * 0.95 for c in ground), ground, contrast=0.2, grit=0.05)(rng, side)  # type: ignore[arg-type]
        outlines = _outlines(rng, count, side, side * size, round_=round_)
        shades = shades_of([colours[k] for k in rng.integers(0, len(colours), count)], rng).tolist()
        for outline, below, shade in zip(
            outlines.astype(np.int32), (outlines + side * size * 0.15).astype(np.int32), shades, strict=True
        ):
            if round_:
                cv2.fillConvexPoly(tile, below, (0.12, 0.11, 0.10), cv2.LINE_8)
            cv2.fillConvexPoly(tile, outline, shade, cv2.LINE_8)
        return tile

    return draw


def _outlines(rng: Rng, count: int, side: int, radius_px: float, *, round_: bool) -> Picture:
    """count x corners x 2, in px: star-shaped about centres anywhere in the tile."""
    corners, least = (12, 0.92) if round_ else (6, 0.5)
    angles = np.sort(rng.uniform(0, 2 * np.pi, (count, corners)), 1)
    radius = radius_px * rng.uniform(0.3, 1.0, (count, 1)) * rng.uniform(least, 1, (count, corners))
    around = np.stack([np.cos(angles) * radius, np.sin(angles) * radius * 0.85], -1)
    return np.asarray(rng.uniform(0, side, (count, 1, 2)) + around, np.float32)
