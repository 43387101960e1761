"""The product mirrored in a glossy surface, faint and fading with depth. Pure."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.footing import Row, footing
from services.inpainter.compose.placement import Placed
from services.inpainter.compose.strips import with_halo
from shared.contracts.images import Pixels

Floats = NDArray[np.float32]

# How much of a mirror each surface is, seen from a low camera (Fresnel makes even polish shine at grazing angles).
GLOSS = {"acrylic": 0.60, "glass": 0.45, "water": 0.35, "metal": 0.20, "marble": 0.09, "tiles": 0.08, "granite": 0.07}
FADE = 0.45  # of the product's height: depth at which the mirror image is down to a third
SOFT = 0.004  # of the frame: no table top is a perfect mirror
SOFTEST = 16.0  # px, that of 4096: beyond it a blur costs minutes and shows nothing more


@dataclass(frozen=True)
class Mirror:
    """What a glossy surface shows below the product; `lows` and `touch` (W,) from its footing, `tall` in rows."""

    placed: Placed
    gloss: float
    lows: Row
    touch: Row
    tall: float

    def over(self, background: Floats, rows: slice) -> Floats:
        """Those rows of a background (n, W, 3) with the mirror image in them."""
        sigma = min(SOFTEST, max(0.8, SOFT * max(self.placed.size)))
        wide, inner = with_halo(rows, math.ceil(4 * sigma) + 1, self.placed.size[1])
        depth = np.arange(wide.start, wide.stop, dtype=np.float32)[:, None] - self.lows[None]
        if not (depth >= 0)[:, self.touch > 0].any():  # all of it above the ground
            return background
        mirror, there = self._sampled(depth)
        fading = np.exp(-np.clip(depth, 0, None) / (FADE * self.tall))
        strength = self.gloss * self.touch[None] * fading * (depth >= 0) * (there / 255)
        strength_HW1 = cv2.GaussianBlur(strength.astype(np.float32), (0, 0), sigma)[inner][..., None]
        image = cv2.GaussianBlur(mirror, (0, 0), sigma)[inner].astype(np.float32)
        return np.asarray(background + (image - background) * strength_HW1, np.float32)

    def _sampled(self, depth: Floats) -> tuple[Pixels, Pixels]:
        """The product and its mask turned upside down at its lower edge."""
        across = np.arange(depth.shape[1], dtype=np.float32)
        columns = np.ascontiguousarray(np.broadcast_to(across, depth.shape))
        sources = np.ascontiguousarray(self.lows[None] - 1 - depth, np.float32)
        photo, mask = self.placed.photo, self.placed.mask
        mirror = cv2.remap(photo, columns, sources, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        there = cv2.remap(mask, columns, sources, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return np.asarray(mirror, np.uint8), np.asarray(there, np.uint8)


def mirror_in(placed: Placed, surface: str | None) -> Mirror | None:
    """The mirror that a surface is; None for matt ones."""
    gloss = GLOSS.get(surface or "", 0.0)
    if gloss == 0:
        return None
    foot = footing(placed.mask > 0)
    tall = float(foot.lows.max()) - float(np.flatnonzero(placed.mask.any(axis=1))[0])
    return Mirror(placed, gloss, foot.lows, foot.touch, tall)
