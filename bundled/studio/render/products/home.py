"""About the house: cushions, towels, folded shirts, lamps, plants in pots, pet bowls."""

import math

import numpy as np

from bundled.studio.plan.colours import from_hex, from_hsv, scaled
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.backdrops.furnishing import leaf_cloud
from bundled.studio.render.materials.plain import glow
from bundled.studio.render.materials.soft import knit, leaf
from bundled.studio.render.meshes import box, curve, lathe, loft, put, tube
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import any_colour, colour_of
from bundled.studio.render.products.labels import label
from bundled.studio.render.products.vessels import turned


def cushion(rng: SeededRng, colour: str) -> None:
    """Standing, leaning back: fat in the middle, thin at the seams, corners drawn in."""
    cloth = rng.pick(finish.fabric, finish.fabric, knit)(rng, colour_of(rng, colour))
    side, fat = rng.between(1.7, 2.1), rng.between(0.28, 0.4)
    grid = np.linspace(-1, 1, 25)
    rings = []
    for v in grid:
        pinch = 1 - 0.08 * (1 - v * v)
        front, back = [], []
        for u in grid:
            x = side / 2 * u * (1 - 0.07 * (1 - v * v) * 0 - 0.06 * (1 - v * v) * abs(u))
            z = side / 2 * v * (1 - 0.06 * (1 - u * u) * abs(v)) * pinch / pinch
            deep = fat * ((1 - u**4) * (1 - v**4)) ** 0.55 + 0.02
            front.append((x, -deep, z))
            back.append((x, deep, z))
        rings.append(front + back[::-1])
    body = loft(rings, cloth)
    body.location, body.rotation_euler = (0, 0, side * 0.485), (-0.2, 0, 0)


def folded_towels(rng: SeededRng, colour: str) -> None:
    height = 0.0
    for i in range(rng.whole(2, 4)):
        cloth = finish.plush(rng, colour_of(rng, colour if i == 0 else rng.pick(colour, "white", "beige")))
        wide, thick = rng.between(1.5, 1.6), rng.between(0.3, 0.36)
        for half in (0.27, 0.73):
            box(
                (wide, 1.0, thick * 0.52),
                cloth,
                (0, 0, height + thick * half),
                0.085,
                (0, 0, rng.between(-0.02, 0.02)),
                5,
            )
        height += thick


def folded_shirt(rng: SeededRng, colour: str) -> None:
    """Folded as in a shop: a soft rectangle, the collar on top with its two wings, a button strip below it."""
    shade = colour_of(rng, colour)
    cloth, trim = finish.fabric(rng, shade), finish.fabric(rng, scaled(shade, 0.9))
    box((1.5, 1.9, 0.2), cloth, (0, 0, 0.1), 0.09, rounds=5)
    box((1.44, 1.84, 0.12), cloth, (0, 0.0, 0.22), 0.055, rounds=5)
    box((0.2, 1.35, 0.02), trim, (0, -0.1, 0.285), 0.008)
    neck = lathe([(0, 0), (0.3, 0)], finish.matte(rng, scaled(shade, 0.3)), (0, 0.74, 0.284))
    neck.scale = (1, 0.5, 1)
    around = [(0.31 * math.cos(t), 0.74 + 0.16 * math.sin(t), 0.3) for t in np.linspace(-0.5, math.pi + 0.5, 30)]
    tube(around, 0.07, cloth)
    for side in (-1, 1):
        wing = [(side * 0.03, 0.52), (side * 0.33, 0.7), (side * 0.42, 0.5), (side * 0.24, 0.3)][::-side]
        loft([[(x, y, z) for x, y in wing] for z in (0.285, 0.325)], cloth)
    button = finish.glossy(rng, any_colour(rng))
    for y in (0.25, -0.05, -0.35, -0.65):
        lathe([(0, 0.29), (0.04, 0.29), (0.04, 0.312), (0, 0.312)], button, (0, y, 0), sides=20)


def table_lamp(rng: SeededRng, colour: str) -> None:
    foot = rng.pick(finish.ceramic, finish.matte)(rng, colour_of(rng, colour))
    tall = rng.between(0.9, 1.2)
    lathe(curve([(0, 0), (0.42, 0), (0.5, tall * 0.3), (0.2, tall * 0.75), (0.12, tall), (0, tall)], 36), foot)
    turned([(0, tall), (0.04, tall), (0.04, tall + 0.3), (0, tall + 0.3)], finish.trim(rng), 0.0, 16)
    low, high = rng.between(0.6, 0.75), rng.between(0.35, 0.55)
    shade = (
        finish.fabric(rng, from_hex(rng.pick("f4f1ea", "e9dcc0", "d9cbb5")))
        if rng.chance(0.6)
        else glow(rng, (1, 0.82, 0.6), 1.1)
    )
    lathe(
        [(low, tall + 0.15), (high, tall + 0.95), (high - 0.02, tall + 0.95), (low - 0.02, tall + 0.15)],
        shade,
        sides=72,
    )


def potted_plant(rng: SeededRng, colour: str) -> None:
    wide = rng.between(0.5, 0.65)
    pot = rng.pick(finish.ceramic, finish.matte)(rng, colour_of(rng, colour))
    turned(
        [
            (0, 0),
            (wide * 0.75, 0),
            (wide, wide * 1.6),
            (wide * 0.88, wide * 1.6),
            (wide * 0.8, wide * 1.3),
            (0, wide * 1.3),
        ],
        pot,
    )
    lathe([(0, wide * 1.32), (wide * 0.86, wide * 1.32)], finish.matte(rng, from_hex("3a2a1d")))
    green = leaf(rng, rng.between(0.24, 0.32), glow=0.2)
    if rng.chance(0.5):
        put(leaf_cloud(rng, 70, (wide * 0.8, wide * 0.8, wide * 0.9), wide * 0.5), green, (0, 0, wide * 2.5))
    else:
        _blades(rng, green, wide)


def _blades(rng: SeededRng, green: object, wide: float) -> None:
    """Upright pointed leaves, as of a snake plant."""
    for _ in range(rng.whole(7, 12)):
        turn, lean, tall = rng.between(0, 2 * math.pi), rng.between(0.05, 0.4), rng.between(1.2, 2.0)
        way = np.array([math.cos(turn), math.sin(turn)])
        rings = []
        for t in np.linspace(0, 1, 10):
            half = 0.12 * math.sin(math.pi * min(1, 0.25 + 0.75 * t)) + 0.005
            x, y = way * (0.12 + lean * t * t)
            sx, sy = -way[1] * half, way[0] * half
            z = wide * 1.3 + tall * t
            rings.append(
                [
                    (x - sx, y - sy, z),
                    (x + way[0] * 0.03, y + way[1] * 0.03, z),
                    (x + sx, y + sy, z),
                    (x - way[0] * 0.01, y - way[1] * 0.01, z),
                ]
            )
        loft(rings, green)


def pet_bowl(rng: SeededRng, colour: str) -> None:
    shade = colour_of(rng, colour)
    outside = label(rng, finish.glossy(rng, shade), 0.06, 0.44, 0.5, paper=shade)
    turned([(0, 0), (1.0, 0), (0.85, 0.5), (0.78, 0.5), (0.7, 0.2), (0, 0.18)], outside, 0.06, 72)
    if rng.chance(0.5):
        food = finish.matte(rng, from_hsv(0.07, 0.6, 0.4))
        crumb = lathe(curve([(0, -0.06), (0.09, 0), (0, 0.06)], 10), food, (0, 0, 0.3), sides=12)
        for _ in range(70):
            turn, reach = rng.between(0, 6.28), 0.66 * rng.between(0, 1) ** 0.5
            put(crumb.data, None, (reach * math.cos(turn), reach * math.sin(turn), rng.between(0.24, 0.4)))
