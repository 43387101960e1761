"""What a product leaves of the light on its ground: cast shadows, standing or lying, and the dark line at its foot."""

import cv2
import numpy as np

from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.planes import softened
from bundled.quick.lighting.light import QuickLight
from bundled.quick.products.painting import PaintedProduct


def standing(product: PaintedProduct, light: QuickLight, rng: Rng) -> Picture:
    """What is left of the light on the ground (size x size, 1 = all): a cast and a contact shadow."""
    size, base = product.alpha.shape[0], product.base_y
    lean, lie = _fall(light, rng)
    matrix = np.asarray([[1, -lean, lean * base], [0, lie, base - lie * base]], np.float32)
    hard = light.quality == "hard"
    softness = size * (0.008 if hard else rng.uniform(0.025, 0.045))
    cast = softened(cv2.warpAffine(product.alpha, matrix, (size, size), flags=cv2.INTER_LINEAR), softness)
    left = 1 - np.float32(rng.uniform(0.42, 0.62) if hard else rng.uniform(0.22, 0.38)) * cast
    rows = _foot_rows(product)
    left[rows] *= 1 - np.float32(0.62) * contact(product, rows)
    return left


def _fall(light: QuickLight, rng: Rng) -> tuple[float, float]:
    """How the shadow lies: sideways per height, and how far up (+) or towards the camera (-)."""
    if light.direction == "front":
        return float(rng.uniform(-0.2, 0.2)), float(rng.uniform(0.25, 0.4))
    if light.direction == "back":
        return float(rng.uniform(-0.3, 0.3)), float(-rng.uniform(0.35, 0.6))
    return float(-np.sign(light.side) * rng.uniform(0.5, 1.0)), float(rng.uniform(0.10, 0.28))


def _foot_rows(product: PaintedProduct) -> slice:
    """The rows that the contact shadow reaches."""
    size = product.alpha.shape[0]
    return slice(max(0, int(product.base_y - size * 0.10)), min(size, int(product.base_y + size * 0.12) + 1))


def contact(product: PaintedProduct, rows: slice) -> Picture:
    """The dark line right under the product in some rows, 0..1: its lowest rows, spread and softened."""
    size = product.alpha.shape[0]
    drop, foot = max(1, round(size * 0.012)), max(0, int(product.base_y - size * 0.05))
    under = np.zeros((rows.stop - rows.start, size), np.float32)
    under[foot + drop - rows.start :] = product.alpha[foot : rows.stop - drop]
    blurred = cv2.GaussianBlur(under, (0, 0), sigmaX=size * 0.022, sigmaY=size * 0.011)
    return np.minimum(blurred * 1.5, 1)


def lying(product: PaintedProduct, light: QuickLight, rng: Rng) -> Picture:
    """The shadow of a thing seen from above (size x size, 1 = all the light): away from the light, softened."""
    size, hard = product.alpha.shape[0], light.quality == "hard"
    dx = -light.side * size * rng.uniform(0.02, 0.06)
    dy = {"front": -0.03, "back": 0.04}.get(light.direction, 0.015) * size
    cast = cv2.warpAffine(product.alpha, np.asarray([[1, 0, dx], [0, 1, dy]], np.float32), (size, size))
    return 1 - np.float32(0.55 if hard else 0.40) * softened(cast, size * (0.007 if hard else 0.028))
