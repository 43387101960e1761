"""The product laid over its new background: exact where the mask is, mixed only in a thin band outside it. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.contracts.errors import PromiseBroken
from shared.contracts.images import Pixels

BAND = 3  # pixels outside the mask in which the photo still holds some product
CONTRAST = 18.0  # levels between product and photo background below which alpha cannot be read from colour


@dataclass(frozen=True)
class Edge:
    """How the product goes over a background: `alpha` (H, W) 0..1, 1 on the mask, and its clean colour (H, W, 3)."""

    alpha: NDArray[np.float32]
    colour: NDArray[np.float32]


def edge(photo: Pixels, mask: Pixels) -> Edge:
    """Read the soft edge of the product out of its photo (H, W, 3) and mask (H, W).

    In the band outside the mask a pixel is `alpha * product + (1 - alpha) * old background` (the matting equation,
    Porter & Duff 1984); with the product's colour taken from just inside and the old background's from just outside,
    alpha follows, and the old background, often white, is left behind.
    """
    inside = mask == 255
    near = cv2.dilate(mask, _disc(BAND)) == 255
    product = _spread(photo, cv2.erode(mask, _disc(1), borderValue=255) == 255, inside)
    outside = _spread(photo, cv2.dilate(mask, _disc(BAND + 2)) == 0, ~near)
    span = product - outside
    reach = (span**2).sum(axis=2)
    read = ((photo - outside) * span).sum(axis=2) / np.maximum(reach, 1.0)
    drawn = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32) / 255
    trust = np.clip(np.sqrt(reach) / CONTRAST - 1, 0, 1)
    distance = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3)
    limit = np.clip((BAND + 0.5 - distance) / BAND, 0, 1)
    alpha = np.clip(trust * np.minimum(read, limit) + (1 - trust) * drawn, 0, 1) * near
    alpha = np.where(inside, 1.0, np.where(alpha < 0.06, 0.0, alpha)).astype(np.float32)
    return Edge(alpha, np.asarray(product, np.float32))


def composite(background: NDArray[np.float32], photo: Pixels, mask: Pixels, soft: Edge) -> Pixels:
    """The output (H, W, 3): background, the product's soft edge, and the photo's own pixels on the mask."""
    alpha = soft.alpha[..., None]
    mixed = np.clip(background + (soft.colour - background) * alpha + 0.5, 0, 255).astype(np.uint8)
    return np.where((mask == 255)[..., None], photo, mixed)


def check_promise(output: Pixels, photo: Pixels, mask: Pixels) -> None:
    """Raise PromiseBroken when one product pixel differs from the placed photo's."""
    differing = int(((output != photo).any(axis=2) & (mask == 255)).sum())
    if differing:
        raise PromiseBroken("product_changed", f"{differing} product pixels differ from the photo")


def _spread(photo: Pixels, known: NDArray[np.bool_], fallback: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The colours of `known` pixels carried outwards a few pixels (normalised blur), the photo's own where known."""
    if not known.any():
        known = fallback
    weight = known.astype(np.float32)
    sums = cv2.GaussianBlur(photo * weight[..., None], (0, 0), 2.5)
    weights = cv2.GaussianBlur(weight, (0, 0), 2.5)[..., None]
    return np.where(known[..., None], photo, np.where(weights > 1e-3, sums / np.maximum(weights, 1e-3), photo)).astype(
        np.float32
    )


def _disc(radius: int) -> Pixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
