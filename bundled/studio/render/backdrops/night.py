"""Lights in the dark, thrown far out of focus."""

from typing import Any

from bundled.studio.plan.colours import from_hsv
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.backdrops.furnishing import leaf_cloud
from bundled.studio.render.materials.plain import glow, plain
from bundled.studio.render.materials.soft import leaf
from bundled.studio.render.meshes import curve, lathe, put, wall

CITY = ((1, 0.55, 0.2), (1, 0.8, 0.5), (0.4, 0.6, 1), (1, 0.3, 0.25), (0.9, 0.35, 0.7), (1, 0.9, 0.8), (0.3, 0.8, 0.9))
FESTIVE = ((1, 0.62, 0.22), (1, 0.72, 0.35), (1, 0.8, 0.5), (1, 0.66, 0.3))


def city(rng: SeededRng, variant: str, depth: float) -> None:
    back = depth + rng.between(9, 14)
    wall(plain(rng, (0.012, 0.014, 0.026), 0.6), back + 10, 70, 70, -25)
    bulbs = [_bulb(rng, colour, rng.between(2.5, 6)) for colour in CITY]
    for _ in range(rng.whole(80, 140)):
        size = rng.between(0.5, 1.3)
        put(
            rng.one_of(bulbs),
            None,
            (rng.between(-12, 12), back + rng.between(-3, 5), rng.between(-4, 7)),
            scale=size,
        )


def festive(rng: SeededRng, variant: str, depth: float) -> None:
    """Warm lights on strings before a dark fir."""
    back = depth + rng.between(6, 9)
    wall(plain(rng, rng.pick((0.05, 0.02, 0.012), (0.012, 0.03, 0.018)), 0.8), back + 8, 70, 70, -25)
    put(leaf_cloud(rng, 2600, (9, 2, 6), 0.3), leaf(rng, 0.34, glow=0.1), (rng.between(-3, 3), back + 3, 2))
    bulbs = [_bulb(rng, colour, rng.between(3.5, 8)) for colour in FESTIVE]
    accents = [_bulb(rng, from_hsv(hue, 0.8, 0.9), 3) for hue in (0.0, 0.36)]
    for i in range(rng.whole(110, 170)):
        bulb = rng.one_of(accents) if i % 9 == 0 else rng.one_of(bulbs)
        put(
            bulb,
            None,
            (rng.between(-10, 10), back + rng.between(-2, 2.5), rng.between(-3, 7)),
            scale=rng.between(0.35, 0.8),
        )


def _bulb(rng: SeededRng, colour: tuple[float, float, float], strength: float) -> Any:
    """One small ball whose mesh every light of that colour shares."""
    ball = lathe(curve([(0, -0.12), (0.12, 0), (0, 0.12)], 10), glow(rng, colour, strength), (0, 0, -99), sides=12)
    return ball.data
