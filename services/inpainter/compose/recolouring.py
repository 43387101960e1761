"""A wall or cloth given another colour with its texture and light kept, because brands ask by colour. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.contracts.images import Pixels
from shared.contracts.vocabulary import COLOURS, Colour


def repaint(picture: Pixels, colour: Colour, where: NDArray[np.float32]) -> Pixels:
    """`picture` (H, W, 3) with the region `where` (H, W) 0..1 moved to a colour; its shading stays (CIE Lab)."""
    if not where.any():
        return picture
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    wanted = cv2.cvtColor(np.array([[COLOURS[colour]]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    weight = where[..., None]
    mean = (lab * weight).sum(axis=(0, 1)) / max(float(weight.sum()), 1.0)
    moved = (lab - mean) * np.array([_shading(mean[0], wanted[0]), 0.5, 0.5], np.float32) + wanted
    moved[..., 0] = np.clip(moved[..., 0], 0, 100)
    painted = cv2.cvtColor(np.asarray(moved, np.float32), cv2.COLOR_LAB2RGB) * 255
    return np.asarray(np.clip(painted * weight + picture * (1 - weight) + 0.5, 0, 255), np.uint8)


def _shading(now: float, wanted: float) -> float:
    """Shading is a share of the brightness: a dark wall shows less of it in absolute terms."""
    return float(np.clip((wanted + 15) / (now + 15), 0.45, 1.5))
