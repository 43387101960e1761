"""Cloth laid on the table: flat where the product stands, folded around it."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex, paint, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials import soft
from bundled.studio.render.meshes import field, flat, hills, put


def linen(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    colour = varied(rng, from_hex(soft.LINENS[variant]), 0.06)
    return [_laid(rng, soft.linen(rng, colour), depth, rng.between(0.2, 0.42), clear)]


def velvet(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    return [_laid(rng, soft.velvet(rng, variant), depth, rng.between(0.1, 0.22), clear)]


def knit(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    return [_laid(rng, soft.knit(rng, paint(rng, variant)), depth, rng.between(0.1, 0.25), clear)]


def _laid(rng: SeededRng, material: Any, depth: float, swell: float, clear: float) -> Any:
    seed, angle, pitch = rng.seed(), rng.between(0, math.pi), rng.between(0.6, 1.2)
    half = (depth + 14) / 2

    def height(x: Any, y: Any) -> Any:
        y = y + (depth - 14) / 2
        along = x * math.cos(angle) + y * math.sin(angle) + 0.9 * hills(x, y, 0.4, 2, seed)
        ridge = (1 - np.abs(np.sin(pitch * along))) ** 2.2 * (0.5 + 0.5 * np.sin(0.9 * along + 1.1 * y))
        away = np.clip((np.hypot(x, y * 0.9) - clear) / 1.4, 0.12, 1)
        return swell * (2.0 * ridge + 0.25 * hills(x, y, 1.2, 3, seed + 2)) * away

    return flat(put(field(15, half, 260, 220, height), material, (0, (depth - 14) / 2, 0)))
