"""A wall, stone or cloth given another colour with its texture and light kept, because brands ask by colour. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.plates.colouring import Coat
from shared.contracts.images import Pixels
from shared.contracts.vocabulary import COLOURS

Floats = NDArray[np.float32]

KEPT = 0.5  # of the differences of hue within a thing: bricks and boards are not all alike
VEIN = 0.04  # of the frame: what changes within less is a stone's grain, beyond it is light
COARSE = 4  # pixels in one where that light is looked for: it is blurred by many more
TURNED = 25.0  # levels of L* between a stone and its new colour from which dark veins become light ones
TINT = 0.75  # of the way that light goes to another colour


def repaint(picture: Pixels, coat: Coat, where: Floats) -> Pixels:
    """`picture` (H, W, 3) with the region `where` (H, W) 0..1 moved to a colour in its way (CIE Lab); shading stays."""
    if not where.any():
        return picture
    lab = np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    wanted = cv2.cvtColor(np.array([[COLOURS[coat.colour]]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    weight = where[..., None]
    mean = (lab * weight).sum(axis=(0, 1)) / max(float(weight.sum()), 1.0)
    moved = _WAYS[coat.way](lab, where, mean, wanted)
    moved[..., 0] = np.clip(moved[..., 0], 0, 100)
    painted = cv2.cvtColor(np.asarray(moved, np.float32), cv2.COLOR_LAB2RGB) * 255
    return np.asarray(np.clip(painted * weight + picture * (1 - weight) + 0.5, 0, 255), np.uint8)


def _painted(lab: Floats, where: Floats, mean: Floats, wanted: Floats) -> Floats:
    """Every part as much lighter or darker than the new colour as it was than the old."""
    scale = np.array([_shading(mean[0], wanted[0]), KEPT, KEPT], np.float32)
    return np.asarray((lab - mean) * scale + wanted, np.float32)


def _veined(lab: Floats, where: Floats, mean: Floats, wanted: Floats) -> Floats:
    """The same for the light; but white marble has dark veins, and black marble light ones."""
    light = _blurred(lab, where + np.float32(1e-4), VEIN * max(where.shape))
    veins = lab - light
    if mean[0] - wanted[0] > TURNED:
        veins[..., 0] = np.abs(veins[..., 0])
    return _painted(light, where, mean, wanted) + veins * np.array([1.0, KEPT, KEPT], np.float32)


def _blurred(lab: Floats, weight: Floats, sigma: float) -> Floats:
    """Each pixel's mean (H, W, 3) of those around it, by their weight (H, W); `sigma` in pixels."""
    height, width = weight.shape
    coarse = max(1, width // COARSE), max(1, height // COARSE)
    small = cv2.resize(np.dstack([lab * weight[..., None], weight]), coarse, interpolation=cv2.INTER_AREA)
    sums = cv2.GaussianBlur(small, (0, 0), sigma / COARSE)
    means = np.asarray(sums[..., :3] / sums[..., 3:], np.float32)
    return np.asarray(cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _tinted(lab: Floats, where: Floats, mean: Floats, wanted: Floats) -> Floats:
    """As bright as it was, in light of that colour; where it shines white it stays white."""
    tinted = lab.copy()
    tinted[..., 1:] += TINT * (wanted - mean)[1:]
    return tinted


_WAYS = {"painted": _painted, "veined": _veined, "tinted": _tinted}


def _shading(now: float, wanted: float) -> float:
    """Shading is a share of the brightness: a dark wall shows less of it in absolute terms."""
    return float(np.clip((wanted + 15) / (now + 15), 0.45, 1.5))
