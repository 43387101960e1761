"""Lights in the dark, thrown far out of focus."""

from typing import Any

from bundled.studio.plan.colours import from_hsv
from bundled.studio.plan.dice import Dice
from bundled.studio.render.backdrops.furnishing import leaf_cloud
from bundled.studio.render.materials.plain import glow, plain
from bundled.studio.render.materials.soft import leaf
from bundled.studio.render.meshes import curve, lathe, put, wall

CITY = ((1, 0.55, 0.2), (1, 0.8, 0.5), (0.4, 0.6, 1), (1, 0.3, 0.25), (0.9, 0.35, 0.7), (1, 0.9, 0.8), (0.3, 0.8, 0.9))
FESTIVE = ((1, 0.62, 0.22), (1, 0.72, 0.35), (1, 0.8, 0.5), (1, 0.66, 0.3))


def city(dice: Dice, variant: str, depth: float) -> None:
    back = depth + dice.between(9, 14)
    wall(plain(dice, (0.012, 0.014, 0.026), 0.6), back + 10, 70, 70, -25)
    bulbs = [_bulb(dice, colour, dice.between(2.5, 6)) for colour in CITY]
    for _ in range(dice.whole(80, 140)):
        size = dice.between(0.5, 1.3)
        put(
            dice.one_of(bulbs),
            None,
            (dice.between(-12, 12), back + dice.between(-3, 5), dice.between(-4, 7)),
            scale=size,
        )


def festive(dice: Dice, variant: str, depth: float) -> None:
    """Warm lights on strings before a dark fir."""
    back = depth + dice.between(6, 9)
    wall(plain(dice, dice.pick((0.05, 0.02, 0.012), (0.012, 0.03, 0.018)), 0.8), back + 8, 70, 70, -25)
    put(leaf_cloud(dice, 2600, (9, 2, 6), 0.3), leaf(dice, 0.34, glow=0.1), (dice.between(-3, 3), back + 3, 2))
    bulbs = [_bulb(dice, colour, dice.between(3.5, 8)) for colour in FESTIVE]
    accents = [_bulb(dice, from_hsv(hue, 0.8, 0.9), 3) for hue in (0.0, 0.36)]
    for i in range(dice.whole(110, 170)):
        bulb = dice.one_of(accents) if i % 9 == 0 else dice.one_of(bulbs)
        put(
            bulb,
            None,
            (dice.between(-10, 10), back + dice.between(-2, 2.5), dice.between(-3, 7)),
            scale=dice.between(0.35, 0.8),
        )


def _bulb(dice: Dice, colour: tuple[float, float, float], strength: float) -> Any:
    """One small ball whose mesh every light of that colour shares."""
    ball = lathe(curve([(0, -0.12), (0.12, 0), (0, 0.12)], 10), glow(dice, colour, strength), (0, 0, -99), sides=12)
    return ball.data
