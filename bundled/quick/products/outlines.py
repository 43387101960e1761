"""Parts with outlines, of which goods are put together; x right, y up, base at y = 0, height about 1. No pixels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
Points = npt.NDArray[np.float64]
Ink = Literal["main", "second", "dark", "light", "metal", "leaf"]


@dataclass(frozen=True)
class Part:
    """One painted piece. `stroke` > 0 draws a line of that width instead of a filled outline; `cut` removes."""

    outline: Points
    ink: Ink = "main"
    form: Literal["round", "flat", "ball"] = "flat"
    stroke: float = 0.0
    cut: bool = False
    tone: float = 1.0


Shape = Callable[[Rng], list[Part]]

_UP, _ALONG = np.linspace(0, 1, 36), np.linspace(0, 1, 30)
_TURN = np.linspace(0, 2 * np.pi, 48, endpoint=False)
_CIRCLE = np.stack((np.cos(_TURN), np.sin(_TURN)), 1)
_FOOT = np.stack([(-x, -0.12 * np.sqrt(1 - x * x)) for x in np.linspace(1, -1, 9)[1:-1]])


def points(*pairs: tuple[float, float]) -> Points:
    return np.asarray(pairs, np.float64)


def lathe(profile: Sequence[tuple[float, float]], ink: Ink = "main", tone: float = 1.0) -> Part:
    """A turned body from (height, radius) pairs, bottom to top."""
    heights, radii = np.asarray(profile, np.float64).T
    dense = heights[0] + (heights[-1] - heights[0]) * _UP
    r = np.interp(dense, heights, radii)
    outline = np.empty((2 * len(dense) + len(_FOOT), 2))
    right, left, bulge = np.split(outline, (len(dense), 2 * len(dense)))
    right[:, 0], right[:, 1] = r, dense
    left[:, 0], left[:, 1] = -r[::-1], dense[::-1]
    # A foot seen slightly from above: the base line bulges down a little.
    bulge[:] = (0, heights[0]) + _FOOT * r[0]
    return Part(outline, ink, "round", tone=tone)


def rect(
    x: float,
    y: float,
    w: float,
    h: float,
    ink: Ink = "main",
    form: Literal["round", "flat", "ball"] = "flat",
    tone: float = 1.0,
) -> Part:
    """A rectangle from its lower left corner."""
    return Part(points((x, y), (x + w, y), (x + w, y + h), (x, y + h)), ink, form, tone=tone)


def oval(
    x: float,
    y: float,
    rx: float,
    ry: float,
    ink: Ink = "main",
    form: Literal["round", "flat", "ball"] = "ball",
    power: float = 2.0,
    cut: bool = False,
) -> Part:
    """A superellipse about (x, y); power 2 is an ellipse, 4 a cushion."""
    circle = _CIRCLE if power == 2 else np.sign(_CIRCLE) * np.abs(_CIRCLE) ** (2 / power)
    return Part((x, y) + circle * (rx, ry), ink, form, cut=cut)


def arc(x: float, y: float, rx: float, ry: float, start: float, stop: float, width: float, ink: Ink = "main") -> Part:
    """A line along part of an ellipse (degrees): handles, straps, rims."""
    t = np.radians(start + (stop - start) * _ALONG)
    return Part((x, y) + np.stack((np.cos(t), np.sin(t)), 1) * (rx, ry), ink, stroke=width)


def line(*pairs: tuple[float, float], width: float = 0.02, ink: Ink = "dark") -> Part:
    """An open polyline of that width."""
    return Part(points(*pairs), ink, stroke=width)


def label(rng: Rng, radius: float, low: float, high: float) -> list[Part]:
    if rng.random() < 0.25:
        return []
    parts = [rect(-radius * 0.97, low, radius * 1.94, high - low, "light" if rng.random() < 0.6 else "second", "round")]
    for row in range(int(rng.integers(1, 4))):
        half = radius * rng.uniform(0.2, 0.6)
        y = high - (high - low) * (0.25 + 0.22 * row)
        parts.append(line((-half, y), (half, y), width=rng.uniform(0.008, 0.03), ink="dark"))
    return parts


def mirrored(parts: list[Part], rng: Rng) -> list[Part]:
    if rng.random() < 0.5:
        return parts
    flip = np.asarray([-1.0, 1.0])
    return [Part(p.outline * flip, p.ink, p.form, p.stroke, p.cut, p.tone) for p in parts]
