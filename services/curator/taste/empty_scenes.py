"""Engaged pictures without their product: plates that backgrounds may start from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.curator.datasets.shards import fitted
from services.curator.records import Option, Sample
from shared.contracts.blobs import BlobStore, digest, fetch
from shared.contracts.errors import BadImage, NotKnown
from shared.contracts.events import StylePlate
from shared.contracts.images import Pixels, decode_mask, decode_photo, encode_image

SIDE = 768  # pixels of the long side, as the bundled plates
SHADOW = 0.06  # of the height: what surrounds a product is its shadow and shine, and goes with it


@dataclass(frozen=True)
class EmptyScenes:
    """Makes plates of pictures whose owner consents. An option that came from a plate has one already."""

    blobs: BlobStore

    def plate(self, picture: Sample | Option) -> StylePlate | None:
        """The picture's scene without its product; None where it has a plate, or its bytes cannot be used any more."""
        if picture.mask is None or (isinstance(picture, Option) and picture.plate):
            return None
        try:
            photo = decode_photo(fetch(self.blobs, picture.image)).rgb
            mask = decode_mask(fetch(self.blobs, picture.mask), (photo.shape[1], photo.shape[0]))
        except (NotKnown, BadImage):
            return None
        photo_HW3, mask_HW = fitted(photo, SIDE), fitted(mask, SIDE)
        data = encode_image(without_product(photo_HW3, mask_HW))
        stored = self.blobs.put(f"styles/plates/{digest(data)}.png", data, "image/png")
        height, width = mask_HW.shape
        return StylePlate(
            image=stored.model_copy(update={"width": width, "height": height}),
            captions=picture.captions,
            surface_line=surface_line(photo_HW3, mask_HW),
        )


def without_product(photo_HW3: Pixels, mask_HW: Pixels) -> Pixels:
    """The photo with its product, and the shadow around it, filled from what surrounds them.

    Filled row by row first, since surfaces and backdrops lie in rows, and smoothed: a new product stands before it.
    """
    reach = max(3, round(SHADOW * mask_HW.shape[0]))
    hole = cv2.dilate(mask_HW, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))) >= 128
    if hole.all():
        return photo_HW3
    filled = _along_rows(photo_HW3.astype(np.float32), hole)
    soft = cv2.GaussianBlur(filled, (0, 0), reach / 2)
    edge_HW1 = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), reach / 3)[..., None]
    edge_HW1 = np.where(hole[..., None], np.maximum(edge_HW1, 0.5), 0.0)
    return np.asarray(np.clip(filled * (1 - edge_HW1) + soft * edge_HW1 + 0.5, 0, 255), dtype=np.uint8)


def _along_rows(picture_HW3: NDArray[np.float32], hole_HW: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Each hole's pixels between the nearest ones left and right of it; rows that are all hole from those above."""
    filled, columns = picture_HW3.copy(), np.arange(picture_HW3.shape[1])
    whole = []
    for y in np.flatnonzero(hole_HW.any(axis=1)):
        known = ~hole_HW[y]
        if known.sum() < 2:
            whole.append(y)
            continue
        for channel in range(3):
            values = np.interp(columns[~known], columns[known], filled[y, known, channel])
            filled[y, ~known, channel] = values
    rest = np.flatnonzero(~np.isin(np.arange(len(filled)), whole))
    for y in whole:
        filled[y] = filled[rest[np.argmin(np.abs(rest - y))]]
    return filled


def surface_line(photo_HW3: Pixels, mask_HW: Pixels) -> float | None:
    """Where a surface meets its backdrop, as a fraction of the height: the row over which most columns change.

    Looked for from a quarter of the height down to the product's foot; None where no row stands out.
    """
    height = mask_HW.shape[0]
    foot = int(np.flatnonzero((mask_HW >= 128).any(axis=1)).max(initial=0))
    grey_HW = cv2.GaussianBlur(cv2.cvtColor(photo_HW3, cv2.COLOR_RGB2GRAY), (0, 0), height / 200).astype(np.float32)
    step = max(1, height // 100)
    change_HW = np.abs(grey_HW[2 * step :] - grey_HW[: -2 * step])
    free_HW = (cv2.dilate(mask_HW, np.ones((3, 3), np.uint8)) < 128)[step:-step]
    change_H = np.array(
        [np.median(row[free]) if free.any() else 0.0 for row, free in zip(change_HW, free_HW, strict=True)]
    )
    first, last = height // 4 - step, foot - step
    if last <= first:
        return None
    row = first + int(change_H[first:last].argmax())
    stands_out = change_H[row] > max(4.0, 3 * float(np.median(change_H[first:last])))
    return round((row + step) / height, 4) if stands_out else None
