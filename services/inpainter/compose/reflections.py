"""The product mirrored in a glossy surface, faint and fading with depth. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.footing import footing
from services.inpainter.compose.placement import Placed

Floats = NDArray[np.float32]

# How much of a mirror each surface is, seen from a low camera (Fresnel makes even polish shine at grazing angles).
GLOSS = {"acrylic": 0.60, "glass": 0.45, "water": 0.35, "metal": 0.20, "marble": 0.09, "tiles": 0.08, "granite": 0.07}
FADE = 0.45  # of the product's height: depth at which the mirror image is down to a third
SOFT = 0.004  # of the frame: no table top is a perfect mirror


def reflected(background: Floats, placed: Placed, surface: str | None) -> Floats:
    """`background` (H, W, 3) with the product's mirror image below where it touches; unchanged on matt surfaces."""
    gloss = GLOSS.get(surface or "", 0.0)
    if gloss == 0:
        return background
    foot = footing(placed.mask > 0)
    height, width = placed.mask.shape
    rows = np.arange(height, dtype=np.float32)[:, None]
    depth = rows - foot.lows[None]
    columns = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width))
    sources = np.ascontiguousarray(foot.lows[None] - 1 - depth, np.float32), np.ascontiguousarray(columns, np.float32)
    mirror = cv2.remap(placed.photo, sources[1], sources[0], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    there = cv2.remap(placed.mask, sources[1], sources[0], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    tall = float(foot.lows.max()) - float(np.flatnonzero(placed.mask.any(axis=1))[0])
    strength = (
        gloss * foot.touch[None] * np.exp(-np.clip(depth, 0, None) / (FADE * tall)) * (depth >= 0) * (there / 255)
    )
    sigma = max(0.8, SOFT * max(height, width))
    strength_HW1 = cv2.GaussianBlur(strength.astype(np.float32), (0, 0), sigma)[..., None]
    image = cv2.GaussianBlur(mirror, (0, 0), sigma).astype(np.float32)
    return np.asarray(background + (image - background) * strength_HW1, np.float32)
