"""A small picture's light on a large picture's detail: how the painter's few pixels become the product's many. Pure."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.strips import Enlarged, with_halo

Floats = NDArray[np.float32]

KEEPS_PLATE = 0.60  # strength up to which the plate's own texture is kept whole
LEAVES_PLATE = 0.95  # strength from which the painter's picture stands alone
FLOOR = 12.0  # levels added before dividing, so that black does not explode
# Of the frame: what changes within less is texture, and texture is the plate's own. The less of the plate is to be
# left, the wider, so that a small model's blotches do not cloud a plain wall; the colour of light changes slower still.
SPREAD_LEAST, SPREAD_MOST = 0.03, 0.20
COLOUR_SPREAD = 2.0  # times the spread of light
MOST = 0.3  # the largest change of light that is believed, as a logarithm, at full strength; approached softly
MOST_COLOUR = 0.1


def own_share(strength: float) -> float:
    """How much of the result is the painter's picture itself, 0..1."""
    return float(np.clip((strength - KEEPS_PLATE) / (LEAVES_PLATE - KEEPS_PLATE), 0, 1))


@dataclass(frozen=True)
class Relighting:
    """What the painter did to a plate: `ratio` multiplies it, `painted` shows through it by the share `own`."""

    ratio: Enlarged
    painted: Enlarged
    own: float
    size: tuple[int, int]

    def rows(self, plate: Floats, rows: slice) -> Floats:
        """Those rows (n, W, 3) of the finished background, 0..255, from the same rows of the plate."""
        relit = plate * self.ratio.rows(rows) if self.own < 1 else plate
        if self.own > 0:
            relit = relit * (1 - self.own) + self._sharpened(rows) * self.own
        return np.asarray(np.clip(relit, 0, 255), np.float32)

    def _sharpened(self, rows: slice) -> Floats:
        """A mild unsharp mask and a little grain: what is left of an upscale that should not look like one."""
        sigma = max(self.size) / 500
        wide, inner = with_halo(rows, math.ceil(4 * sigma) + 1, self.size[1])
        picture = self.painted.rows(wide)
        crisp = (picture + 0.6 * (picture - cv2.GaussianBlur(picture, (0, 0), sigma)))[inner]
        grain = np.random.default_rng((7, rows.start)).standard_normal(crisp.shape[:2], dtype=np.float32)
        return np.asarray(crisp + 1.6 * cv2.GaussianBlur(grain, (0, 0), 0.8)[..., None], np.float32)


def relight(before: Floats, after: Floats, mask: Floats, strength: float, size: tuple[int, int]) -> Relighting:
    """What makes a finished background (H, W, 3) of a plate of `size` (W, H).

    `before` and `after` (h, w, 3) are the start and the result as the painter's codec shows them, `mask` (h, w) the
    product's share of each small pixel. The ratio after / before is what the painter changed (ratio images, Liu 2001);
    smoothed, with the product's own pixels left out, and brought up (cf. joint bilateral upsampling, Kopf 2007), it
    relights the plate without losing its texture. With growing strength that fades into the painter's picture itself.
    """
    ratio = Enlarged.of(_ratio(before, after, mask, strength), size, cubic=True)
    painted = Enlarged.of(_filled(after, mask), size, cubic=True)
    return Relighting(ratio, painted, own_share(strength), size)


def _ratio(before: Floats, after: Floats, mask: Floats, strength: float) -> Floats:
    """What the painter did to the light, smooth, and blind to the product and the pixels that touch it.

    Both pictures are smoothed before they are divided: a ratio of noisy pixels would be darker than their mean.
    """
    weight = (cv2.dilate(mask, np.ones((3, 3), np.float32)) < 0.02).astype(np.float32) + 1e-4
    spread = float(np.interp(strength, (0.0, KEEPS_PLATE), (SPREAD_MOST, SPREAD_LEAST)))
    light, colour = (_change(before, after, weight, spread * times) for times in (1.0, COLOUR_SPREAD))
    brighter = light.mean(axis=2, keepdims=True)
    tinted = colour - colour.mean(axis=2, keepdims=True)
    return np.asarray(
        np.exp(_limited(brighter, MOST * strength) + _limited(tinted, MOST_COLOUR * strength)), np.float32
    )


def _change(before: Floats, after: Floats, weight: Floats, spread: float) -> Floats:
    """Logarithm of after / before (h, w, C), both blurred by a share of the frame where `weight` (h, w) counts."""
    sigma = max(0.8, spread * max(weight.shape))
    around = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
    smooth = [cv2.GaussianBlur(picture * weight[..., None], (0, 0), sigma) / around for picture in (before, after)]
    return np.asarray(np.log((smooth[1] + FLOOR) / (smooth[0] + FLOOR)), np.float32)


def _limited(change: Floats, most: float) -> Floats:
    return np.asarray(most * np.tanh(change / max(most, 1e-6)), np.float32)


def _filled(picture: Floats, mask: Floats) -> Floats:
    """The product's place filled from around it, so that no rim of a repainted product shows beside the real one."""
    weight = (cv2.dilate(mask, np.ones((3, 3), np.float32)) < 0.02).astype(np.float32) + 1e-4
    around = (
        cv2.GaussianBlur(picture * weight[..., None], (0, 0), 1.2) / cv2.GaussianBlur(weight, (0, 0), 1.2)[..., None]
    )
    return np.asarray(np.where((weight > 0.5)[..., None], picture, around), np.float32)
