"""The exact outline of a product in a real scene: colours of both sides, learned near the coarse mask.

GrabCut (Rother, Kolmogorov, Blake, 2004) at a middling size, seeded by the coarse mask and not by a rectangle; then the
outline settles at the photo's own resolution. GrabCut draws from OpenCV's random numbers, so these are set before: the
same photo gets the same outline.
"""

import cv2
import numpy as np

from services.segmenter.backdrops import Flags, Floats
from services.segmenter.edges import settle_edge, without_dust
from shared.contracts.images import Pixels

CUT_SIDE = 384  # px of the longer side at which GrabCut runs: its time grows with the area
ROUNDS = 3


def cut_scene(rgb: Pixels, lab_HW3: Floats, likely_HW: Floats) -> Flags:
    """The product in a scene; `likely_HW` is the coarse probability at any size."""
    height, width = rgb.shape[:2]
    scale = min(1.0, CUT_SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    marks_HW = _marks(cv2.resize(likely_HW, size, interpolation=cv2.INTER_LINEAR))
    cut_HW = _grabcut(small, marks_HW)
    grown_HW = cv2.resize(cut_HW.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC) >= 0.5
    reach = max(2, round(1.0 / scale))
    return without_dust(settle_edge(lab_HW3, without_dust(grown_HW), reach))


def _marks(likely_HW: Floats) -> Pixels:
    """Sure product deep inside the coarse mask, sure ground far from it, a guess for the rest."""
    coarse_HW = (likely_HW >= 0.5).astype(np.uint8)
    side = max(likely_HW.shape)
    deep_HW = cv2.erode(coarse_HW, _disc(max(2, side // 40))) > 0
    far_HW = cv2.dilate(coarse_HW, _disc(max(3, side // 14))) == 0
    marks_HW = np.where(coarse_HW > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks_HW[deep_HW & (likely_HW >= 0.8)] = cv2.GC_FGD
    marks_HW[far_HW & (likely_HW < 0.3)] = cv2.GC_BGD
    return marks_HW


def _grabcut(rgb: Pixels, marks_HW: Pixels) -> Flags:
    """The cut; the marks themselves where one side has no pixel to learn from."""
    product_HW = (marks_HW == cv2.GC_FGD) | (marks_HW == cv2.GC_PR_FGD)
    if product_HW.sum() < 20 or (~product_HW).sum() < 20:
        return np.asarray(product_HW)
    cv2.setRNGSeed(7)  # the same photo gets the same mask
    back, front = np.zeros((1, 65)), np.zeros((1, 65))
    cut_HW, *_ = cv2.grabCut(rgb[..., ::-1].copy(), marks_HW, None, back, front, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((cut_HW == cv2.GC_FGD) | (cut_HW == cv2.GC_PR_FGD))


def _disc(radius: int) -> Pixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), dtype=np.uint8)
