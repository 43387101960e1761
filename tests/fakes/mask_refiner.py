"""A mask refiner without a model: a disc around every point, in the order of the clicks."""

from typing import Any

import cv2
import numpy as np

from shared.contracts.images import Pixels, decode_photo

REACH = 0.2  # of the longer side


class DiscRefiner:
    """Points that keep add a disc, the others take one away."""

    def refine(self, picture: bytes, sha256: str, clicks: tuple[Any, ...], box: Any) -> Pixels:
        """The mask (H, W)."""
        width, height = decode_photo(picture).size
        mask = np.zeros((height, width), np.uint8)
        for click in clicks:
            at = round(click.x * width), round(click.y * height)
            cv2.circle(mask, at, round(REACH * max(width, height)), 255 if click.keep else 0, -1)
        return mask
