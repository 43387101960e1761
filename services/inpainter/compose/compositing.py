"""The product laid over its new background: exact where the mask is, mixed only in a thin band outside it. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.strips import Floats, strips, with_halo
from shared.contracts.images import Pixels

BAND = 3  # pixels outside the mask in which the photo still holds some product
REACH = 24  # pixels from which the edge is read: two blurs and a dilation
CONTRAST = 18.0  # levels between product and photo background below which alpha cannot be read from colour


@dataclass(frozen=True)
class Edge:
    """How the product goes over a background, in a window of its picture: rows from `top`, columns from `left`.

    `alpha` (h, w), 255 on the mask, and the product's clean `colour` (h, w, 3); bytes, since photos may be large.
    """

    top: int
    left: int
    alpha: Pixels
    colour: Pixels


def edge(photo: Pixels, mask: Pixels) -> Edge:
    """Read the soft edge of the product out of its photo (H, W, 3) and mask (H, W); the mask holds some product.

    In the band outside the mask a pixel is `alpha * product + (1 - alpha) * old background` (the matting equation,
    Porter & Duff 1984); with the product's colour taken from just inside and the old background's from just outside,
    alpha follows, and the old background, often white, is left behind.
    """
    window = _around(mask, BAND + 1)
    photo, mask = photo[_around(mask, BAND + 1 + REACH)], mask[_around(mask, BAND + 1 + REACH)]
    grown = _around(mask, BAND + 1)
    alpha = np.empty(mask[grown].shape, np.uint8)
    colour = np.empty((*alpha.shape, 3), np.uint8)
    for part in strips(len(alpha)):
        rows = slice(grown[0].start + part.start, grown[0].start + part.stop)
        wide, inner = with_halo(rows, REACH, len(mask))
        found, product = _matted(photo[wide], mask[wide])
        alpha[part] = np.rint(found[inner, grown[1]] * 255)
        colour[part] = np.clip(np.rint(product[inner, grown[1]]), 0, 255)
    return Edge(window[0].start, window[1].start, alpha, colour)


def _matted(photo: Pixels, mask: Pixels) -> tuple[Floats, Floats]:
    """Alpha (h, w) 0..1 and the product's colour (h, w, 3) of a part of the picture."""
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
    return np.where(inside, 1.0, np.where(alpha < 0.06, 0.0, alpha)).astype(np.float32), product


def _around(mask: Pixels, reach: int) -> tuple[slice, slice]:
    """Rows and columns of the product with `reach` pixels around it, within the picture."""
    found = (np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0)))
    rows, columns = (
        slice(max(0, int(filled[0]) - reach), min(length, int(filled[-1]) + 1 + reach))
        for filled, length in zip(found, mask.shape, strict=True)
    )
    return rows, columns


def composite(background: Floats, photo: Pixels, mask: Pixels, soft: Edge, rows: slice) -> Pixels:
    """Those rows of the output (n, W, 3): `background` (n, W, 3), the soft edge, the photo's own pixels on the mask."""
    top, bottom = max(rows.start, soft.top), min(rows.stop, soft.top + len(soft.alpha))
    if top < bottom:
        window = slice(top - rows.start, bottom - rows.start), slice(soft.left, soft.left + soft.alpha.shape[1])
        inner = slice(top - soft.top, bottom - soft.top)
        alpha = soft.alpha[inner, :, None].astype(np.float32) / 255
        background = background.copy()
        background[window] += (soft.colour[inner] - background[window]) * alpha
    mixed = np.clip(background + 0.5, 0, 255).astype(np.uint8)
    return np.where((mask[rows] == 255)[..., None], photo[rows], mixed)


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
