"""What the model is shown: the photo with its product greyed out, so that only the background is described. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

GREY = 127
MARGIN = 0.012  # of the longer side: hides the product's rim as well

Picture = NDArray[np.uint8]


def without_product(photo: Picture, mask: Picture) -> Picture:
    """`photo` (H, W, 3) with the product (`mask` (H, W), 255 = product) and a small margin in even grey."""
    reach = 2 * round(MARGIN * max(mask.shape)) + 1
    covered = cv2.dilate((mask > 25).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    shown = photo.copy()
    shown[covered] = GREY
    return shown
