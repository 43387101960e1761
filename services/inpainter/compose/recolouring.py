"""A wall or cloth given another colour with its texture and light kept, because brands ask by colour. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.contracts.images import Pixels

# What each colour word means on a matte wall in good light, sRGB.
PAINTS: dict[str, tuple[int, int, int]] = {
    "white": (236, 235, 232), "cream": (238, 228, 205), "beige": (214, 193, 163), "light grey": (196, 197, 199),
    "grey": (140, 142, 145), "dark grey": (72, 74, 78), "black": (34, 34, 37), "navy": (32, 46, 84),
    "blue": (44, 92, 176), "light blue": (160, 196, 226), "teal": (28, 110, 116), "turquoise": (72, 186, 188),
    "mint": (178, 220, 200), "sage": (160, 176, 150), "green": (74, 140, 78), "dark green": (32, 74, 54),
    "olive": (112, 116, 66), "yellow": (242, 208, 84), "mustard": (202, 154, 50), "orange": (228, 128, 52),
    "peach": (244, 190, 160), "terracotta": (188, 98, 70), "red": (182, 44, 44), "burgundy": (104, 30, 46),
    "pink": (234, 176, 186), "lilac": (198, 180, 220), "purple": (108, 70, 140), "brown": (110, 78, 56),
}  # fmt: skip


def repaint(picture: Pixels, colour: str, where: NDArray[np.float32]) -> Pixels:
    """`picture` (H, W, 3) with the region `where` (H, W) 0..1 moved to a colour; its shading stays (CIE Lab)."""
    if colour not in PAINTS or not where.any():
        return picture
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    wanted = cv2.cvtColor(np.array([[PAINTS[colour]]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    weight = where[..., None]
    mean = (lab * weight).sum(axis=(0, 1)) / max(float(weight.sum()), 1.0)
    moved = (lab - mean) * np.array([_shading(mean[0], wanted[0]), 0.5, 0.5], np.float32) + wanted
    moved[..., 0] = np.clip(moved[..., 0], 0, 100)
    painted = cv2.cvtColor(np.asarray(moved, np.float32), cv2.COLOR_LAB2RGB) * 255
    return np.asarray(np.clip(painted * weight + picture * (1 - weight) + 0.5, 0, 255), np.uint8)


def _shading(now: float, wanted: float) -> float:
    """Shading is a share of the brightness: a dark wall shows less of it in absolute terms."""
    return float(np.clip((wanted + 15) / (now + 15), 0.45, 1.5))
