"""Clothes on a hanger: T-shirts, sweaters, dresses; they hang before a wall, hem at z = 0."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import metal
from bundled.studio.render.materials.soft import knit
from bundled.studio.render.meshes import loft, tube
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import any_colour, colour_of

SIDES = 72
Rings = list[list[tuple[float, float, float]]]


def t_shirt(rng: SeededRng, colour: str) -> None:
    cloth = finish.fabric(rng, colour_of(rng, colour))
    tall, half = rng.between(1.9, 2.2), rng.between(0.66, 0.78)
    loft(_body(rng, tall, [half * 1.02, half * 0.98, half * 0.96, half], 0.17), cloth)
    _sleeves(cloth, half, tall, long=rng.between(0.42, 0.6), fall=0.62, width=0.28)
    _collar(rng, tall, finish.fabric(rng, colour_of(rng, rng.pick(colour, colour, "white"))))
    if rng.chance(0.4):
        _print(rng, tall * 0.66)
    _hanger(rng, half, tall)


def sweater(rng: SeededRng, colour: str) -> None:
    wool = rng.pick(knit, finish.plush)(rng, colour_of(rng, colour))
    tall, half = rng.between(1.8, 2.0), rng.between(0.62, 0.72)
    loft(_body(rng, tall, [half * 0.86, half * 0.92, half * 0.94, half], 0.19, folds=0.1), wool)
    _sleeves(wool, half, tall, long=rng.between(1.25, 1.45), fall=rng.between(0.85, 1.1), width=0.24, cuff=0.14)
    _welt(wool, half * 0.86, 0.19)
    _collar(rng, tall, wool, thick=0.08)
    _hanger(rng, half, tall)


def dress(rng: SeededRng, colour: str) -> None:
    cloth = finish.fabric(rng, colour_of(rng, colour))
    tall, half, waist = rng.between(2.9, 3.4), rng.between(0.52, 0.6), rng.between(0.4, 0.46)
    hem = rng.between(0.75, 1.05)
    loft(_body(rng, tall, [hem, (hem + waist) / 2, waist * 1.02, waist, half], 0.17, folds=0.5), cloth)
    if rng.chance(0.6):
        _sleeves(cloth, half, tall, long=rng.between(0.3, 0.45), fall=0.7, width=0.24)
    _collar(rng, tall, cloth, thick=0.035)
    if rng.chance(0.5):
        _belt(rng, tall, waist)
    _hanger(rng, half, tall)


def _body(rng: SeededRng, tall: float, widths: list[float], deep: float, folds: float = 0.28) -> Rings:
    """From the hem up to sloping shoulders; folds run down from them and widen towards the hem."""
    count, phase, lean = rng.whole(5, 8), rng.between(0, 6), rng.between(-0.6, 0.6)
    shoulder = tall - 0.22
    rings = [
        _ring(
            shoulder * t,
            float(np.interp(t, np.linspace(0, 1, len(widths)), widths)),
            deep,
            lambda angle, t=t: folds * (1 - 0.75 * t) * math.sin(count * angle + phase + lean * t),
        )
        for t in np.linspace(0, 1, 40)
    ]
    slope = [
        _ring(shoulder, widths[-1] * (1 - 0.02 * s), deep * (1 - 0.45 * s), None, rise=0.27 * s) for s in (0.3, 0.7, 1)
    ]
    return [*rings, *slope]


def _ring(z: float, wide: float, deep: float, fold: Any, rise: float = 0.0) -> list[tuple[float, float, float]]:
    ring = []
    for angle in np.linspace(0, 2 * math.pi, SIDES, endpoint=False):
        x = wide * math.copysign(abs(math.cos(angle)) ** 0.85, math.cos(angle))
        y = deep * math.sin(angle) * (1 + (fold(angle) if fold else 0.0))
        ring.append((x, y, z + rise * (1 - abs(x) / wide) ** 0.8))
    return ring


def _sleeves(
    cloth: Any, half: float, tall: float, long: float, fall: float, width: float, cuff: float | None = None
) -> None:
    """Two tubes, out and down from the shoulders: `fall` is their angle below the level; knitted ones end in a cuff."""
    for side in (-1, 1):
        rings = []
        for t in np.linspace(0, 1, 24):
            angle = min(1.45, fall * (0.75 + 0.5 * t))
            along = (math.cos(angle), -math.sin(angle))
            x, z = half * 0.7 + long * t * along[0], tall - 0.36 + long * t * along[1]
            r = cuff if cuff and t > 0.88 else width * (1.05 - 0.2 * t)
            rings.append(
                [
                    (side * (x + r * math.sin(a) * -along[1]), 0.5 * r * math.cos(a), z + r * math.sin(a) * along[0])
                    for a in np.linspace(0, 2 * math.pi, 32, endpoint=False)
                ]
            )
        loft(rings if side > 0 else [ring[::-1] for ring in rings], cloth)


def _welt(cloth: Any, half: float, deep: float) -> None:
    """The band at the hem, ribbed and a little drawn in."""
    profile = ((-0.02, 0.93), (0.0, 0.97), (0.14, 0.98), (0.17, 1.0))
    loft([_ring(z, half * drawn, deep * drawn, lambda a: 0.07 * math.sin(36 * a)) for z, drawn in profile], cloth)


def _collar(rng: SeededRng, tall: float, cloth: Any, thick: float = 0.05) -> None:
    """A rim around the neck, dark inside; it drops in front."""
    around = np.linspace(0, 2 * math.pi, 48)
    wide, drop = rng.between(0.24, 0.3), rng.between(0.1, 0.2)
    rim = [(wide * math.cos(a), 0.11 * math.sin(a), tall - 0.04 + drop * min(0.0, math.sin(a))) for a in around]
    tube(rim, thick, cloth)
    dark = finish.matte(rng, (0.03, 0.03, 0.032))
    loft(
        [[(0.96 * x, 0.96 * y, z) for x, y, z in rim[:-1]], [(0.9 * x, 0.5 * y, z - 0.01) for x, y, z in rim[:-1]]],
        dark,
    )


def _belt(rng: SeededRng, tall: float, waist: float) -> None:
    around = np.linspace(0, 2 * math.pi, 60)
    strap = finish.leather(rng, colour_of(rng, rng.pick("black", "brown", "beige")))
    tube([(waist * 1.06 * math.cos(a), 0.2 * math.sin(a), 0.72 * (tall - 0.22)) for a in around], 0.05, strap)


def _print(rng: SeededRng, z: float) -> None:
    """A round print on the chest."""
    ink, size = finish.matte(rng, any_colour(rng)), rng.between(0.12, 0.22)
    ring = [
        (size * math.cos(a), -0.185, z + size * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 40, endpoint=False)
    ]
    loft([ring, [(0.98 * x, y - 0.012, z + 0.98 * (h - z)) for x, y, h in ring]], ink)


def _hanger(rng: SeededRng, half: float, tall: float) -> None:
    wood = rng.pick(finish.timber(rng), finish.matte(rng, (0.02, 0.02, 0.02)))
    tube([(-half * 0.7, 0, tall - 0.24), (0, 0, tall - 0.08), (half * 0.7, 0, tall - 0.24)], 0.045, wood)
    arc = [(0.13 * math.sin(t), 0, tall + 0.32 - 0.13 * math.cos(t)) for t in np.linspace(math.pi * 1.55, 0, 24)]
    tube([*arc, (0, 0, tall)], 0.022, metal(rng, rng.pick("steel", "dark metal", "brass")))
