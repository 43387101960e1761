"""Where the light comes from, its colour and hardness; what it does to ground, backdrop and product; shadows."""

from dataclasses import dataclass

import cv2
import numpy as np

from scenes.quick.colours import Picture
from scenes.quick.products import Product
from scenes.quick.textures import Rng

COLOURS = {"warm": (1.10, 0.91, 0.68), "neutral": (1.0, 1.0, 0.98), "cool": (0.80, 0.95, 1.10)}
DIRECTIONS = ("left", "right", "front", "back")
QUALITIES = ("soft", "hard")
PATTERNS = ("leaves", "blinds", "window")


@dataclass(frozen=True)
class Light:
    """One light: named attributes and the numbers drawn for them. `side` is -1 from the left .. 1 from the right."""

    colour: str
    direction: str
    quality: str
    pattern: str
    rgb: Picture
    side: float
    strength: float


def draw(rng: Rng) -> Light:
    """A light; about a fifth of the hard ones shine through leaves, blinds or a window frame."""
    colour = tuple(COLOURS)[int(rng.integers(3))]
    direction = DIRECTIONS[int(rng.choice(4, p=(0.32, 0.32, 0.2, 0.16)))]
    quality = QUALITIES[int(rng.random() < 0.4)]
    pattern = (
        PATTERNS[int(rng.integers(3))]
        if quality == "hard" and direction in {"left", "right"} and rng.random() < 0.4
        else ""
    )
    side = {"left": -1.0, "right": 1.0}.get(direction, 0.0) * rng.uniform(0.7, 1.0)
    rgb = np.asarray(COLOURS[colour], np.float32) * rng.normal(1, 0.02, 3)
    return Light(
        colour, direction, quality, pattern, rgb.astype(np.float32), float(side), float(rng.uniform(0.85, 1.1))
    )


def field(light: Light, size: int, rng: Rng, *, ground: bool) -> Picture:
    """What to multiply with (broadcasts to size x size x 3): brighter towards the light, a window's pattern where
    there is one."""
    y, x = _axes(size)
    slope = rng.uniform(0.35, 0.65) if ground else rng.uniform(0.30, 0.60)
    value = 1.0 + slope * light.side * (x - 0.5)
    if light.direction == "back":
        glow = np.exp(-(((x - 0.5) / 0.5) ** 2)) * np.exp(-(((y - 0.4) / 0.45) ** 2))
        value = 0.62 + 0.62 * glow if not ground else 1.10 - 0.55 * np.clip(y - 0.5, 0, 1)
    if light.direction == "front":
        value = 1.08 - 0.5 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    if light.pattern:
        value = value * _pattern(light, size, rng)
    return np.asarray((value * light.strength)[..., None] * light.rgb, np.float32)


def _axes(size: int) -> tuple[Picture, Picture]:
    """(column of y, row of x) in 0..1: operations stay one-dimensional as long as they can."""
    line = (np.arange(size) / size).astype(np.float32)
    return line[:, None], line[None, :]


def _pattern(light: Light, size: int, rng: Rng) -> Picture:
    y, x = _axes(size)
    if light.pattern == "blinds":
        bars = np.sin(2 * np.pi * rng.uniform(5, 9) * (y + light.side * rng.uniform(0.2, 0.6) * x))
        value = np.clip(bars * 3 + 0.5, 0, 1)
    elif light.pattern == "window":
        skew = x + light.side * 0.5 * y + rng.uniform(0, 1)
        value = np.clip(
            np.minimum(np.abs((skew * 2.2) % 1 - 0.5) - 0.07, np.abs((y * 2.5) % 1 - 0.5) - 0.07) * size / 8, 0, 1
        )
    else:
        value = _leaf_pattern(size, rng).astype(np.float64)
    return np.asarray(0.58 + 0.5 * value, np.float32)


def _leaf_pattern(size: int, rng: Rng) -> Picture:
    canvas = np.ones((size, size), np.float32)
    for _ in range(int(rng.integers(10, 24))):
        centre = tuple(rng.integers(0, size, 2).tolist())
        axes = (int(size * rng.uniform(0.06, 0.14)), max(2, int(size * rng.uniform(0.015, 0.04))))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, 0.0, -1)
    return cv2.GaussianBlur(canvas, (0, 0), size * 0.012)


def shadows(product: Product, light: Light, rng: Rng) -> Picture:
    """What the product leaves of the light on its ground (size x size, 1 = all): a cast and a contact shadow."""
    size, base = product.alpha.shape[0], product.base_y
    lean, lie = _fall(light, rng)
    matrix = np.asarray([[1, -lean, lean * base], [0, lie, base - lie * base]], np.float32)
    cast = cv2.warpAffine(product.alpha, matrix, (size, size), flags=cv2.INTER_LINEAR)
    hard = light.quality == "hard"
    cast = cv2.GaussianBlur(cast, (0, 0), size * (0.008 if hard else rng.uniform(0.025, 0.045)))
    dark = rng.uniform(0.42, 0.62) if hard else rng.uniform(0.22, 0.38)
    return np.asarray((1 - dark * cast) * (1 - 0.62 * contact(product)), np.float32)


def _fall(light: Light, rng: Rng) -> tuple[float, float]:
    """How the shadow lies: sideways per height, and how far up (+) or towards the camera (-)."""
    if light.direction == "front":
        return float(rng.uniform(-0.2, 0.2)), float(rng.uniform(0.25, 0.4))
    if light.direction == "back":
        return float(rng.uniform(-0.3, 0.3)), float(-rng.uniform(0.35, 0.6))
    return float(-np.sign(light.side) * rng.uniform(0.5, 1.0)), float(rng.uniform(0.10, 0.28))


def contact(product: Product) -> Picture:
    """The dark line right under the product, size x size in 0..1: its lowest rows, spread and softened."""
    size = product.alpha.shape[0]
    foot = product.alpha.copy()
    foot[: max(0, int(product.base_y - size * 0.05))] = 0
    under = np.roll(foot, max(1, round(size * 0.012)), axis=0)
    blurred = cv2.GaussianBlur(under, (0, 0), sigmaX=size * 0.022, sigmaY=size * 0.011)
    return np.clip(blurred * 1.5, 0, 1)


def shadow_from_above(product: Product, light: Light, rng: Rng) -> Picture:
    """The shadow of a thing that lies flat (size x size, 1 = all the light): moved away from the light, softened."""
    size = product.alpha.shape[0]
    dx = -light.side * size * rng.uniform(0.02, 0.06)
    dy = {"front": -0.03, "back": 0.04}.get(light.direction, 0.015) * size
    cast = cv2.warpAffine(product.alpha, np.asarray([[1, 0, dx], [0, 1, dy]], np.float32), (size, size))
    cast = cv2.GaussianBlur(cast, (0, 0), size * (0.007 if light.quality == "hard" else 0.028))
    return np.asarray(1 - (0.55 if light.quality == "hard" else 0.40) * cast, np.float32)
