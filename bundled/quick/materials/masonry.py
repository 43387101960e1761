"""Tiles of regular pieces with joints between them: brick walls, square and metro tiles."""

from itertools import pairwise

import cv2
import numpy as np

from bundled.quick.drawing.bank import Maker
from bundled.quick.drawing.colours import Picture, shade_of
from bundled.quick.drawing.noise import Rng, mixed, noise, tinted, warped


def grid(rng: Rng, side: int, rows: int, columns: int, offset: float, joint_px: int) -> tuple[Picture, Picture]:
    """A running bond: (side x side joint mask in 0..1, a number per brick in 0..1)."""
    joints, shade = np.zeros((side, side), np.float32), np.zeros((side, side), np.float32)
    y_edges = np.linspace(0, side, rows + 1).astype(int)
    width = side / columns
    for row, (top, bottom) in enumerate(pairwise(y_edges)):
        start = -width * offset * (row % 2)
        for left in np.arange(start, side, width):
            a, b = max(0, int(left)), min(side, int(left + width))
            shade[top:bottom, a:b] = rng.random()
            joints[top:bottom, a : a + joint_px] = 1
        joints[top : top + joint_px] = 1
    return joints, shade


def brick(kind: str) -> Maker:
    """A brick wall in one of three colours; joints a little warped, a tint per brick."""
    dark, light, mortar = {
        "red brick": ((0.42, 0.17, 0.12), (0.72, 0.37, 0.26), (0.70, 0.66, 0.60)),
        "white brick": ((0.80, 0.79, 0.77), (0.95, 0.94, 0.92), (0.66, 0.65, 0.63)),
        "grey brick": ((0.36, 0.37, 0.38), (0.62, 0.62, 0.62), (0.76, 0.76, 0.75)),
    }[kind]

    def draw(rng: Rng, side: int) -> Picture:
        rows = int(rng.integers(8, 14))
        joints, shade = grid(rng, side, rows, max(2, rows // 3), 0.5, max(2, side // 90))
        wall = tinted(
            shade * 0.8 + 0.12 * noise(rng, side, 24, 24, 3),
            np.asarray(dark, np.float32),
            np.asarray(light, np.float32),
        )
        filled = mixed(wall, np.full_like(wall, mortar), cv2.GaussianBlur(joints, (0, 0), 0.7))
        return warped(filled, rng, side * 0.003, 12)

    return draw


def tiles(word: str) -> Maker:
    """Glazed square or metro tiles of one colour with pale or dark grout."""

    def draw(rng: Rng, side: int) -> Picture:
        metro = rng.random() < 0.35
        rows = int(rng.integers(4, 8))
        joints, shade = grid(rng, side, rows, rows // 2 if metro else rows, 0.5 if metro else 0.0, max(2, side // 80))
        value = 0.90 + 0.16 * shade + 0.02 * noise(rng, side, 5, 5, 2)
        glaze, grout = shade_of(word, rng), np.float32(rng.choice([0.86, 0.62, 0.30]))
        return np.asarray(cv2.merge([np.where(joints > 0.5, grout, value * channel) for channel in glaze]))

    return draw
