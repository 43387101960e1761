"""Shoes: sneakers, rubber boots, slippers."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.meshes import lathe, loft, rounded, tube
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import colour_of

DARK = (0.015, 0.015, 0.016)


def _half_width(t: float) -> float:
    """A sole seen from above: round heel, narrow waist, wide ball, pointed toe."""
    return float(
        np.interp(t, [0, 0.03, 0.1, 0.35, 0.68, 0.85, 0.95, 1], [0.16, 0.28, 0.36, 0.33, 0.44, 0.38, 0.24, 0.08])
    )


def _sole(long: float, low: float, high: float, material: Any, wider: float = 1.04) -> None:
    outline = np.concatenate([np.linspace(0, 1, 40), np.linspace(1, 0, 40)])
    side = np.concatenate([np.ones(40), -np.ones(40)])
    rings = []
    for z, grow in ((low, 0.97), (low + 0.04, wider), (high - 0.03, wider), (high, wider - 0.03)):
        lift = 0.12 if z > low else 0.1
        rings.append(
            [
                (-long / 2 + long * t, s * _half_width(t) * grow, z + lift * max(0, t - 0.78) * 2)
                for t, s in zip(outline, side, strict=True)
            ]
        )
    loft(rings, material)


def _upper(long: float, heights: list[float], material: Any, shrink: float = 0.93) -> None:
    rings = []
    for t in np.linspace(0.0, 1, 44):
        tall, wide = float(np.interp(t, np.linspace(0, 1, len(heights)), heights)), _half_width(t) * shrink
        ring = []
        for angle in np.linspace(0, 2 * math.pi, 36, endpoint=False):
            up = math.copysign(abs(math.sin(angle)) ** 0.8, math.sin(angle))
            across = math.copysign(abs(math.cos(angle)) ** 0.75, math.cos(angle)) * (1 - 0.4 * max(0, up))
            z = 0.2 + (up * tall if up > 0 else -0.08)
            ring.append((-long / 2 + long * t, wide * across, min(z, _opening(t))))
        rings.append(ring)
    loft(rings, material)


def _opening(t: float) -> float:
    """The foot goes in at the heel: the upper ends there in a rim, higher at the back."""
    return 0.94 + 0.16 * max(0.0, 0.12 - t) / 0.12 if t < 0.36 else 9.0


def sneaker(rng: SeededRng, colour: str) -> None:
    long = rng.between(2.4, 2.7)
    heights = [0.75, 1.0, 0.98, 0.85, 0.8, 0.62, 0.46, 0.34, 0.12]
    _upper(long, heights, rng.pick(finish.leather, finish.fabric, finish.matte)(rng, colour_of(rng, colour)))
    _sole(long, 0.0, 0.26, finish.matte(rng, from_hex(rng.pick("f2f0ea", "f2f0ea", "e8d9b8", "1a1a1a"))), 1.06)
    accent = finish.matte(rng, colour_of(rng, rng.pick("white", "black", "red", "blue", "grey", "orange")))
    laces = finish.fabric(rng, from_hex(rng.pick("f4f2ee", "202022", "e0d2b0")))
    for i in range(6):
        t = 0.4 + 0.055 * i
        x, z = -long / 2 + long * t, 0.2 + float(np.interp(t, np.linspace(0, 1, 9), heights)) * 0.98
        tube([(x + 0.05 * q, 0.2 * q, z - 0.1 * q * q) for q in np.linspace(-1, 1, 9)], 0.032, laces)
    for side in (-1, 1):
        stripe = [
            (-long / 2 + long * (0.3 + 0.28 * q), side * (0.345 - 0.03 * q * q), 0.34 + 0.42 * q**2)
            for q in np.linspace(0, 1, 10)
        ]
        tube(stripe, 0.06, accent, flat=0.35)
    _collar(rng, -long / 2 + long * 0.2, finish.fabric(rng, colour_of(rng, colour)))


def _collar(rng: SeededRng, x: float, padding: Any) -> None:
    """A padded rim around the dark inside."""
    around = np.linspace(0, 2 * math.pi, 40)
    tube([(x + 0.4 * math.cos(a), 0.21 * math.sin(a), 0.96 - 0.05 * math.cos(a)) for a in around], 0.06, padding)
    inside = lathe([(0, 0), (0.38, 0)], finish.matte(rng, DARK), (x, 0, 0.962))
    inside.scale, inside.rotation_euler = (1.0, 0.52, 1), (0, 0.12, 0)


def boot(rng: SeededRng, colour: str) -> None:
    long = 2.1
    rubber = finish.glossy(rng, colour_of(rng, colour))
    _upper(long, [0.8, 0.95, 0.95, 0.75, 0.6, 0.5, 0.44, 0.36, 0.12], rubber)
    shaft = [(0, 0.3), (0.42, 0.3), (0.4, 0.9), (0.5, 2.1), (0.46, 2.1), (0.36, 1.0), (0, 0.9)]
    lathe(rounded(shaft, 0.1), rubber, (-long / 2 + 0.52, 0, 0), sides=48).scale = (1.0, 0.8, 1)
    _sole(long, 0.0, 0.2, finish.matte(rng, DARK), 1.02)


def slipper(rng: SeededRng, colour: str) -> None:
    long = 2.3
    _sole(long, 0.0, 0.16, finish.matte(rng, colour_of(rng, rng.pick("beige", "brown", "black", "white"))))
    wool = rng.pick(finish.fabric, finish.plush)(rng, colour_of(rng, colour))
    rings = []
    for t in np.linspace(0.5, 0.98, 18):
        arc = np.linspace(math.pi, 0, 20)
        tall = 0.5 * math.sin(math.pi * min(1.0, (1.02 - t) * 1.6 + 0.12)) ** 0.7
        outer = [(-long / 2 + long * t, _half_width(t) * math.cos(a), 0.12 + tall * math.sin(a)) for a in arc]
        inner = [
            (-long / 2 + long * t, 0.9 * _half_width(t) * math.cos(a), 0.12 + 0.88 * tall * math.sin(a))
            for a in arc[::-1]
        ]
        rings.append(outer + inner)
    loft(rings, wool)
