"""A photo at the size that the painter works at: its size, the product alone, the product's share of each pixel."""

from typing import Any

import cv2
import numpy as np

CELL = 8  # pixels of a latent's side


def working_size(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """Width and height to paint at: the long side is `side`, the aspect is kept, both divide by 64 / 8."""
    height, width = shape[:2]
    factor = side / max(height, width)
    return tuple(max(8 * CELL, round(length * factor / (4 * CELL)) * 4 * CELL) for length in (width, height))  # type: ignore[return-value]


def product_alone(image: Any, mask: Any, size: tuple[int, int]) -> tuple[Any, Any]:
    """The product (h, w, 3) in -1..1 at working size on neutral 0, and where it is, 1, (h, w); both float32.

    Nothing of what surrounds it is in it: the mean of a working pixel is that of its product pixels (mask 255) alone.
    """
    inside = mask == 255
    share = product_share(np.where(inside, mask, 0), size)
    sums = cv2.resize(np.where(inside[..., None], image, 0), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    kept = (share >= 0.5).astype(np.float32)
    colour = sums / np.maximum(share, 0.5)[..., None]
    return ((np.clip(colour, 0, 255) / 127.5 - 1) * kept[..., None]).astype(np.float32), kept


def product_share(mask: Any, size: tuple[int, int]) -> Any:
    """The product's share (H, W) of each working pixel, 0..1."""
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
