"""Drawn packshots with exact masks, for tests that need a photo: white grounds, soft shadows, products of all kinds."""

import cv2
import numpy as np

from shared.contracts.images import Pixels

SIDE = 320


def blank(colour: tuple[int, int, int] = (255, 255, 255), side: int = SIDE) -> Pixels:
    """A studio ground."""
    return np.full((side, side, 3), colour, np.uint8)


def disc(centre: tuple[int, int] = (160, 150), radius: int = 70, side: int = SIDE) -> Pixels:
    """The exact mask of a round product, 0 and 255."""
    mask = np.zeros((side, side), np.uint8)
    cv2.circle(mask, centre, radius, 255, -1)
    return mask


def with_product(ground: Pixels, mask: Pixels, colour: tuple[int, int, int], *, grain: float = 3.0) -> Pixels:
    """The product laid over the ground, slightly grained and shaded as real ones are, its edge anti-aliased."""
    rng = np.random.default_rng(3)
    shade = np.linspace(1.0, 0.8, mask.shape[1])[None, :, None]
    surface = np.array(colour) * shade + rng.normal(0, grain, ground.shape)
    alpha = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 0.6)[..., None]
    return np.clip(surface * alpha + ground * (1 - alpha), 0, 255).astype(np.uint8)


def with_shadow(ground: Pixels, centre: tuple[int, int], axes: tuple[int, int], depth: float, blur: float) -> Pixels:
    """A soft grey ellipse on the ground."""
    shade = np.zeros(ground.shape[:2], np.float32)
    cv2.ellipse(shade, centre, axes, 0, 0, 360, 1.0, -1)
    shade = cv2.GaussianBlur(shade, (0, 0), blur)
    return np.clip(ground * (1 - depth * shade[..., None]), 0, 255).astype(np.uint8)


def iou(one: Pixels | None, two: Pixels) -> float:
    """Intersection over union of two masks of 0 and 255."""
    if one is None:
        return 0.0
    return float(((one > 0) & (two > 0)).sum() / ((one > 0) | (two > 0)).sum())
