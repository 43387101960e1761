"""Cloth laid on the table: flat where the product stands, folded around it."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex, paint, varied
from bundled.studio.plan.dice import Dice
from bundled.studio.render.materials import soft
from bundled.studio.render.meshes import field, flat, hills, put


def linen(dice: Dice, variant: str, depth: float, clear: float) -> list[Any]:
    colour = varied(dice, from_hex(soft.LINENS[variant]), 0.06)
    return [_laid(dice, soft.linen(dice, colour), depth, dice.between(0.2, 0.42), clear)]


def velvet(dice: Dice, variant: str, depth: float, clear: float) -> list[Any]:
    return [_laid(dice, soft.velvet(dice, variant), depth, dice.between(0.1, 0.22), clear)]


def knit(dice: Dice, variant: str, depth: float, clear: float) -> list[Any]:
    return [_laid(dice, soft.knit(dice, paint(dice, variant)), depth, dice.between(0.1, 0.25), clear)]


def _laid(dice: Dice, material: Any, depth: float, swell: float, clear: float) -> Any:
    seed, angle, pitch = dice.seed(), dice.between(0, math.pi), dice.between(0.6, 1.2)
    half = (depth + 14) / 2

    def height(x: Any, y: Any) -> Any:
        y = y + (depth - 14) / 2
        along = x * math.cos(angle) + y * math.sin(angle) + 0.9 * hills(x, y, 0.4, 2, seed)
        ridge = (1 - np.abs(np.sin(pitch * along))) ** 2.2 * (0.5 + 0.5 * np.sin(0.9 * along + 1.1 * y))
        away = np.clip((np.hypot(x, y * 0.9) - clear) / 1.4, 0.12, 1)
        return swell * (2.0 * ridge + 0.25 * hills(x, y, 1.2, 3, seed + 2)) * away

    return flat(put(field(15, half, 260, 220, height), material, (0, (depth - 14) / 2, 0)))
