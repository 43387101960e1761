"""What a glossy ground shows of the backdrop and the product: upside down, fading towards the camera."""

import numpy as np

from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.planes import Planes, blend, planes_of, softened
from bundled.quick.products.painting import PaintedProduct


def of_backdrop(ground: Planes, behind: Planes, first_row: int, top: int, gloss: float) -> None:
    """Lays the mirrored backdrop over the ground, in place, from the row `top` (the horizon) on."""
    size = ground.shape[2]
    below = np.arange(top, size)
    upside_down = np.ascontiguousarray(np.take(behind, np.maximum(2 * top - below, 0), axis=1).transpose(1, 2, 0))
    mirror = planes_of(softened(upside_down, size * 0.02))
    blend(ground[:, top - first_row :], mirror, _fade(size - top, size * 0.6, gloss))


def _fade(rows: int, length_px: float, gloss: float) -> Picture:
    """How much each row shows (rows x 1), by its distance from the horizon."""
    depth = np.arange(rows, dtype=np.float32) / np.float32(length_px)
    return np.clip(1.2 - depth, 0.15, 1)[:, None] * np.float32(gloss)


def of_product(ground: Planes, product: PaintedProduct, first_row: int, gloss: float) -> None:
    """Lays the mirrored product over the ground, in place, from its foot on."""
    size, base = ground.shape[2], product.base_y
    below = np.arange(max(int(base), first_row), size)
    foot = np.clip((2 * base - below).astype(int), 0, size - 1)
    depth = np.exp(-np.maximum(below - base, 0) / (size * 0.12)).astype(np.float32)[:, None] * np.float32(gloss)
    columns = product.window[1]
    covered = product.alpha[foot, columns] * depth
    blend(ground[:, below[0] - first_row :, columns], product.image[:, foot, columns], covered)
