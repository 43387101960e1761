"""What the model is shown: the photo with its product greyed out, so that only the background is described. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

GREY = 127
MARGIN = 0.012  # of the longer side: hides the product's rim as well

Picture = NDArray[np.uint8]


def without_product(photo: Picture, mask: Picture) -> Picture:
    """`photo` (H, W, 3) with the product (`mask` (H, W), 255 = product) and a small margin in even grey."""
    shown = photo.copy()
    shown[_around(mask > 25, round(MARGIN * max(mask.shape)))] = GREY
    return shown


def _around(product: NDArray[np.bool_], margin: int) -> NDArray[np.bool_]:
    """`product` (H, W) and all within `margin` pixels, upright and level: in sums over boxes, whose cost does not grow
    with the margin as a dilation's does. Of a long strip that was minutes."""
    height, width = product.shape
    if height > width:  # sums run along rows
        return _around(product.T, margin).T
    box = 2 * min(margin, width) + 1, 2 * min(margin, height) + 1
    counts = cv2.boxFilter(product.astype(np.uint8), cv2.CV_32S, box, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(counts > 0)
