"""What is to be painted: around the product, random strokes and boxes, or everything. Pixel masks, 1 = paint."""

import cv2
import numpy as np
import numpy.typing as npt

Hole = npt.NDArray[np.uint8]  # HxW of 0 and 1


def around_product(mask: npt.NDArray[np.uint8], rng: np.random.Generator) -> Hole:
    """All but the product; its edge a pixel or two off now and then, as segmenters are."""
    product = (mask > 127).astype(np.uint8)
    shift = int(rng.integers(-1, 3))
    kernel = np.ones((2 * abs(shift) + 1,) * 2, np.uint8)
    moved = cv2.dilate(product, kernel) if shift > 0 else cv2.erode(product, kernel) if shift < 0 else product
    return (1 - moved).astype(np.uint8)


def everything(shape: tuple[int, int]) -> Hole:
    """All of a picture of (height, width)."""
    return np.ones(shape, np.uint8)


def scattered(shape: tuple[int, int], rng: np.random.Generator) -> Hole:
    """A few boxes and thick strokes to paint; half the time the other way round."""
    hole, (height, width) = np.zeros(shape, np.uint8), shape
    for _ in range(int(rng.integers(1, 5))):
        (x0, x1), (y0, y1) = rng.integers(0, width, 2).tolist(), rng.integers(0, height, 2).tolist()
        if rng.random() < 0.5:
            cv2.rectangle(hole, (x0, y0), (x1, y1), 1, -1)
        else:
            cv2.line(hole, (x0, y0), (x1, y1), 1, int(min(shape) * rng.uniform(0.08, 0.25)))
    return hole if rng.random() < 0.5 else (1 - hole).astype(np.uint8)


def drawn(mask: npt.NDArray[np.uint8], rng: np.random.Generator, *, product: float, all_: float) -> Hole:
    """One hole: around the product with probability `product`, everything with `all_`, else scattered.

    A plate has no product to paint around: all of it is painted instead.
    """
    shape, draw = (mask.shape[0], mask.shape[1]), rng.random()
    if draw < product and mask.max() > 127:
        return around_product(mask, rng)
    return everything(shape) if draw < product + all_ else scattered(shape, rng)
