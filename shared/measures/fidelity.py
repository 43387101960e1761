"""What is measured on every output: has the product grown or shrunk, and does its edge show? Pure, about 0.1 s."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.contracts.images import Pixels

LOOK_SIDE = 320  # pixels of the product's surroundings that are looked at
AROUND = 0.12  # of the product's larger side: how far outside the mask a grown product is looked for


@dataclass(frozen=True)
class Fidelity:
    """Areas relative to the product's, and the colour step across its edge that the photo does not have, 0..1."""

    expansion: float
    shrinkage: float
    seam: float


def fidelity(output: Pixels, photo: Pixels, mask: Pixels) -> Fidelity:
    """Measured on `output` (H, W, 3) against the placed `photo` (H, W, 3) and `mask` (H, W)."""
    crop = _surroundings(mask)
    seen, product = _small(output[crop], cv2.INTER_AREA), _small(mask[crop], cv2.INTER_AREA) >= 128
    found = _found(seen, product)
    area = max(1, int(product.sum()))
    return Fidelity(
        expansion=float((found & ~product).sum() / area),
        shrinkage=float((product & ~found).sum() / area),
        seam=_seam(output, photo, mask),
    )


def _surroundings(mask: Pixels) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    reach = int(2 * AROUND * max(rows[-1] - rows[0], columns[-1] - columns[0])) + 8
    return (
        slice(max(0, rows[0] - reach), rows[-1] + reach + 1),
        slice(max(0, columns[0] - reach), columns[-1] + reach + 1),
    )


def _small(picture: Pixels, how: int) -> Pixels:
    factor = min(1.0, LOOK_SIDE / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _found(picture: Pixels, product: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The product as it is found again by colour (GrabCut, Rother 2004) in a band around its known edge."""
    reach = max(2, round(AROUND * max(product.shape) / 2))
    inner = cv2.erode(product.astype(np.uint8), np.ones((2 * reach // 3 + 1,) * 2), borderValue=1) > 0
    near = cv2.dilate(product.astype(np.uint8), np.ones((2 * reach + 1,) * 2)) > 0
    trimap = np.where(product, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[inner] = cv2.GC_FGD
    trimap[~near] = cv2.GC_BGD
    if not _enough(trimap):
        return product
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(picture[..., ::-1]), trimap, None, *models, 1, cv2.GC_INIT_WITH_MASK)
    return np.asarray((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD))


def _enough(trimap: Pixels) -> bool:
    """GrabCut needs some pixels of both sides to learn their colours from."""
    product = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
    return 32 <= int(product.sum()) <= trimap.size - 32


def _seam(output: Pixels, photo: Pixels, mask: Pixels) -> float:
    """The step from the product's last pixel to the band outside, beyond what lies further out and the photo's own rim.

    A clean edge goes from product to background at once; a halo shows as a ring that is unlike both. Where the photo
    has such a ring itself, a bright rim of the product, an output may keep it up to the photo's own colour.
    """
    rings = _rings(mask)
    if any(ring.sum() < 8 for ring in rings):
        return 0.0
    low, band, high = _steps(output, rings)
    photo_low, rim, photo_high = _steps(photo, rings)
    high = np.where(rim > photo_high, np.maximum(high, rim), high)
    low = np.where(rim < photo_low, np.minimum(low, rim), low)
    halo = np.maximum(band - high, 0) + np.maximum(low - band, 0)
    return float(np.clip(halo.mean() / 255, 0, 1))


def _steps(picture: Pixels, rings: Sequence[NDArray[np.bool_]]) -> tuple[NDArray[np.float32], ...]:
    """Mean levels (3,): the lower of both sides of the band, the band, the higher of both sides."""
    inside, band, beyond = (picture[ring].astype(np.float32).mean(axis=0) for ring in rings)
    return np.minimum(inside, beyond), band, np.maximum(inside, beyond)


def _rings(mask: Pixels) -> list[NDArray[np.bool_]]:
    """Just inside the edge, the two pixels outside it, and a band of four further out."""
    grown = [cv2.dilate(mask, np.ones((2 * n + 1,) * 2, np.uint8)) > 0 for n in (2, 4, 8)]
    inside = mask > 0
    inner = inside & (cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=255) == 0)
    return [inner, grown[0] & ~inside, grown[2] & ~grown[1]]
