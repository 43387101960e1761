"""Where the light comes from, its colour and hardness, and what it does to ground, backdrop and product."""

from dataclasses import dataclass

import cv2
import numpy as np

from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.planes import Planes, per_plane, softened

COLOURS = {"warm": (1.10, 0.91, 0.68), "neutral": (1.0, 1.0, 0.98), "cool": (0.80, 0.95, 1.10)}
DIRECTIONS = ("left", "right", "front", "back")
SHARES = (0.32, 0.64, 0.84, 1.0)  # of the directions, added up
QUALITIES = ("soft", "hard")
PATTERNS = ("leaves", "blinds", "window")
_COLOURS = tuple(COLOURS)


@dataclass(frozen=True)
class QuickLight:
    """One light: named attributes and the numbers drawn for them. `side` is -1 from the left .. 1 from the right."""

    colour: str
    direction: str
    quality: str
    pattern: str
    rgb: Picture
    side: float
    strength: float

    @property
    def tone(self) -> Picture:
        """Colour and strength in one (3,)."""
        return self.rgb * np.float32(self.strength)


def draw(rng: Rng) -> QuickLight:
    """A light; about a fifth of the hard ones shine through leaves, blinds or a window frame."""
    colour, dice = _COLOURS[int(rng.integers(3))], rng.random()
    direction = next(name for name, share in zip(DIRECTIONS, SHARES, strict=True) if dice < share)
    quality = QUALITIES[int(rng.random() < 0.4)]
    pattern = (
        PATTERNS[int(rng.integers(3))]
        if quality == "hard" and direction in {"left", "right"} and rng.random() < 0.4
        else ""
    )
    side = {"left": -1.0, "right": 1.0}.get(direction, 0.0) * rng.uniform(0.7, 1.0)
    rgb = np.asarray(COLOURS[colour], np.float32) * rng.normal(1, 0.02, 3)
    return QuickLight(
        colour, direction, quality, pattern, rgb.astype(np.float32), float(side), float(rng.uniform(0.85, 1.1))
    )


def field(light: QuickLight, size: int, rng: Rng, *, ground: bool, rows: slice = slice(None)) -> Planes:
    """What to multiply with (broadcasts to 3 x size x size, or to some of its rows): brighter towards the light, a
    window's pattern where there is one."""
    y, x = _axes(size, rows)
    slope = rng.uniform(0.35, 0.65) if ground else rng.uniform(0.30, 0.60)
    value = 1.0 + slope * light.side * (x - 0.5)
    if light.direction == "back":
        glow = np.exp(-(((x - 0.5) / 0.5) ** 2)) * np.exp(-(((y - 0.4) / 0.45) ** 2))
        value = 0.62 + 0.62 * glow if not ground else 1.10 - 0.55 * np.clip(y - 0.5, 0, 1)
    if light.direction == "front":
        value = (1.08 - 0.5 * (x - 0.5) ** 2) - 0.5 * (y - 0.5) ** 2
    if light.pattern:
        value = value * _pattern(light, size, rng, rows)
    return value * per_plane(light.tone)


def _axes(size: int, rows: slice) -> tuple[Picture, Picture]:
    """(column of y, row of x) in 0..1: operations stay one-dimensional as long as they can."""
    line = np.arange(size, dtype=np.float32) / np.float32(size)
    return line[rows, None], line[None, :]


def _pattern(light: QuickLight, size: int, rng: Rng, rows: slice) -> Picture:
    y, x = _axes(size, rows)
    if light.pattern == "blinds":
        turns = rng.uniform(5, 9)
        value = np.sin((2 * np.pi * turns) * y + (2 * np.pi * turns * light.side * rng.uniform(0.2, 0.6)) * x)
        value = np.minimum(np.maximum(value * 3 + 0.5, 0), 1)
    elif light.pattern == "window":
        skew = (2.2 * (x + rng.uniform(0, 1))) + (1.1 * light.side) * y
        across, down = np.abs(skew - np.floor(skew) - 0.5) - 0.07, np.abs((y * 2.5) % 1 - 0.5) - 0.07
        value = np.minimum(np.maximum(np.minimum(across, down) * (size / 8), 0), 1)
    else:
        value = _leaf_pattern(size, rng)[rows]
    return np.asarray(0.58 + 0.5 * value, np.float32)


def _leaf_pattern(size: int, rng: Rng) -> Picture:
    canvas = np.ones((size, size), np.float32)
    for _ in range(int(rng.integers(10, 24))):
        centre = tuple(rng.integers(0, size, 2).tolist())
        axes = (int(size * rng.uniform(0.06, 0.14)), max(2, int(size * rng.uniform(0.015, 0.04))))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, 0.0, -1)
    return softened(canvas, size * 0.012)
