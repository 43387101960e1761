"""Things that make a blurred room a room: plants, pots, books, jars, lamps, pictures."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import PAINTS, from_hex, paint, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import glow, plain
from bundled.studio.render.materials.soft import leaf
from bundled.studio.render.meshes import box, curve, hills, lathe, mesh_of, put, rounded

SPINES = (
    "white",
    "cream",
    "beige",
    "brown",
    "terracotta",
    "navy blue",
    "sage green",
    "grey",
    "burgundy",
    "mustard",
    "teal",
)
POTS = ("white", "off-white", "terracotta", "dark grey", "beige", "sage green")


def leaf_cloud(rng: SeededRng, count: int, half: tuple[float, float, float], size: float) -> Any:
    """Leaf shapes of four points, turned every way, filling a lumpy box."""
    chance = np.random.RandomState(rng.seed())
    centre = chance.uniform(-1, 1, (count, 3)) * half
    centre[:, 2] += 0.6 * hills(centre[:, 0], centre[:, 1], 0.5, 2, rng.seed())
    along = chance.normal(size=(count, 3))
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, chance.normal(size=(count, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    long = size * chance.uniform(0.6, 1.3, (count, 1))
    points = np.stack(
        [centre - along * long, centre + across * long * 0.38, centre + along * long, centre - across * long * 0.38], 1
    )
    return mesh_of(points.reshape(-1, 3).tolist(), np.arange(4 * count).reshape(-1, 4).tolist())


def plant(rng: SeededRng, at: tuple[float, float, float], size: float = 1.0) -> None:
    pot = plain(rng, paint(rng, rng.one_of(POTS)), 0.6)
    profile = [(0, 0), (0.5 * size, 0), (0.65 * size, size), (0, size)]
    lathe(rounded(profile, 0.05), pot, at)
    crown = leaf_cloud(rng, 90, (0.9 * size, 0.9 * size, 1.1 * size), 0.42 * size)
    put(crown, leaf(rng), (at[0], at[1], at[2] + 2.1 * size))


def vessel(rng: SeededRng, at: tuple[float, float, float]) -> None:
    """A jar, bowl, bottle or vase."""
    material = plain(rng, varied(rng, from_hex(PAINTS[rng.one_of(POTS + SPINES)])), rng.between(0.15, 0.5))
    tall = rng.between(0.8, 1.25)
    shape = rng.pick(
        rounded([(0, 0), (0.4, 0), (0.42, tall), (0.3, tall * 1.1), (0, tall * 1.1)], 0.08),
        curve([(0, 0), (0.3, 0), (0.7, 0.5), (0.66, 0.5), (0, 0.1)], 16),
        rounded([(0, 0), (0.28, 0), (0.28, tall), (0.1, tall * 1.3), (0.1, tall * 1.6), (0, tall * 1.6)], 0.1),
        curve([(0, 0), (0.25, 0), (0.5, tall * 0.4), (0.18, tall), (0.25, tall * 1.2), (0, tall * 1.15)], 24),
    )
    lathe(shape, material, at, sides=24)


def books(rng: SeededRng, at: tuple[float, float, float], width: float) -> None:
    """Spines side by side, now and then one leaning."""
    x = at[0]
    while x < at[0] + width:
        thick, tall = rng.between(0.16, 0.36), rng.between(1.15, 1.75)
        colour = paint(rng, rng.one_of(SPINES))
        lean = rng.between(0.1, 0.2) if rng.chance(0.07) else 0.0
        box((thick, 1.0, tall), plain(rng, colour, 0.65), (x + thick / 2, at[1], at[2] + tall / 2), 0.01, (0, lean, 0))
        x += thick + 0.02 + (0.15 if lean else 0)


def picture_frame(rng: SeededRng, at: tuple[float, float, float]) -> None:
    width, height = rng.between(1.6, 2.4), rng.between(2.2, 3.0)
    inner = plain(rng, paint(rng, rng.pick("white", "beige", "sage green", "terracotta", "sky blue", "mustard")))
    box((width, 0.1, height), inner, at, 0)
    rim = plain(rng, rng.pick((0.02, 0.02, 0.02), from_hex("8a5a2b"), from_hex("e9e6df")), 0.4)
    box((width + 0.22, 0.08, height + 0.22), rim, (at[0], at[1] + 0.05, at[2]), 0)


def standing_lamp(rng: SeededRng, x: float, y: float, floor: float) -> None:
    lathe([(0.05, floor), (0.05, 3)], plain(rng, (0.05, 0.04, 0.03)), (x, y, 0), sides=8)
    lathe([(0.95, 2.6), (0.6, 4.2)], glow(rng, (1, 0.75, 0.45), rng.between(2, 4)), (x, y, 0))


def pendant(rng: SeededRng, x: float, y: float, z: float) -> None:
    shade = plain(rng, paint(rng, rng.pick("black", "white", "sage green", "mustard")), 0.4)
    lathe(curve([(0.1, 0.9), (0.3, 0.75), (0.9, 0.1), (0.95, 0)], 16), shade, (x, y, z))
    lathe(curve([(0, -0.05), (0.3, 0.1), (0, 0.4)], 10), glow(rng, (1, 0.8, 0.5), 6), (x, y, z), sides=16)
    lathe([(0.03, 0.9), (0.03, 8)], plain(rng, (0.02, 0.02, 0.02)), (x, y, z), sides=6)


def stem(rng: SeededRng, path_height: float, at: tuple[float, float, float]) -> None:
    """A slim vase with a few dry stems."""
    vessel(rng, at)
    straw = plain(rng, from_hex(rng.pick("b99b6b", "8a7a52", "c9b58a")), 0.8)
    for _ in range(rng.whole(3, 7)):
        lean, turn = rng.between(0.05, 0.3), rng.between(0, 2 * math.pi)
        tip = (
            at[0] + lean * path_height * math.cos(turn),
            at[1] + lean * path_height * math.sin(turn),
            at[2] + path_height,
        )
        _twig(rng, straw, (at[0], at[1], at[2] + 1), tip)


def _twig(rng: SeededRng, material: Any, low: tuple[float, float, float], tip: tuple[float, float, float]) -> None:
    from bundled.studio.render.meshes import tube

    middle = ((low[0] + tip[0]) / 2, (low[1] + tip[1]) / 2, (low[2] + tip[2]) / 2)
    tube([low, middle, tip], 0.03, material, sides=6)
    ear = leaf_cloud(rng, 24, (0.1, 0.1, 0.4), 0.16)
    put(ear, material, tip)
