"""Worn on the body: hats, bags with straps, watches, jewellery, glasses, headphones."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import glass, metal
from bundled.studio.render.meshes import box, curve, lathe, loft, put, rounded, tube
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import colour_of
from bundled.studio.render.products.labels import label


def hat(rng: SeededRng, colour: str) -> None:
    straw = finish.fabric(rng, colour_of(rng, colour))
    brim = rng.between(1.2, 1.5)
    outline = [
        (0, 0.95),
        (0.45, 0.93),
        (0.6, 0.75),
        (0.64, 0.12),
        (0.75, 0.05),
        (brim, rng.between(0.0, 0.12)),
        (brim * 0.99, -0.02),
        (0.7, 0.0),
    ]
    lathe(curve(outline, 60), straw, (0, 0, 0.05), sides=96)
    band = finish.fabric(rng, colour_of(rng, rng.pick("black", "brown", "navy blue", "red")))
    lathe([(0.655, 0.16), (0.65, 0.36)], band, (0, 0, 0.05), sides=72)


def cap(rng: SeededRng, colour: str) -> None:
    cloth = finish.fabric(rng, colour_of(rng, colour))
    lathe(curve([(0.72, 0), (0.7, 0.3), (0.5, 0.68), (0, 0.8)], 30), cloth, sides=72)
    lathe(curve([(0, 0.8), (0.06, 0.83), (0, 0.86)], 10), cloth)
    rings = []
    for t in np.linspace(0, 1, 12):
        wide, reach, drop = 0.68 * math.cos(t * 1.1), 0.35 + 0.8 * t, 0.1 - 0.12 * t
        row = [
            (x, -reach - 0.2 * (1 - (x / 0.7) ** 2), drop - 0.16 * (x / 0.7) ** 2) for x in np.linspace(-wide, wide, 17)
        ]
        rings.append(row + [(x, y, z - 0.04) for x, y, z in row[::-1]])
    loft(rings, cloth)


def handbag(rng: SeededRng, colour: str) -> None:
    wide, deep, tall = rng.between(1.5, 1.9), rng.between(0.5, 0.7), rng.between(1.1, 1.4)
    hide = finish.leather(rng, colour_of(rng, colour))
    body = box((wide, deep, tall), hide, (0, 0, tall / 2), 0.16, rounds=5)
    for corner in body.data.vertices:
        t = corner.co.z / tall + 0.5
        corner.co.y *= 1 - 0.45 * t
        corner.co.x *= 1 - 0.1 * t
    box((wide * 0.86, 0.08, tall * 0.5), hide, (0, -deep * 0.33, tall * 0.72), 0.035, (0.2, 0, 0), 4)
    box((0.2, 0.06, 0.14), finish.trim(rng), (0, -deep * 0.42 - 0.02, tall * 0.53), 0.03)
    lift = rng.between(0.5, 0.8)
    arc = [(wide * 0.3 * math.cos(t), 0, tall * 0.93 + lift * math.sin(t)) for t in np.linspace(0, math.pi, 28)]
    tube(arc, 0.045, hide)


def tote_bag(rng: SeededRng, colour: str) -> None:
    wide, tall = rng.between(1.5, 1.8), rng.between(1.6, 1.9)
    shade = colour_of(rng, colour)
    cloth = label(rng, finish.fabric(rng, shade), -0.25 * tall, 0.3 * tall, wide * 0.32, flat=True, paper=shade)
    body = box((wide, 0.42, tall), cloth, (0, 0, tall / 2), 0.1, rounds=4)
    for corner in body.data.vertices:
        t = corner.co.z / tall + 0.5
        corner.co.y *= 1 - 0.7 * t
    strap = finish.fabric(rng, shade)
    for y in (-0.07, 0.07):
        arc = [(wide * 0.22 * math.cos(t), y, tall * 0.96 + 0.8 * math.sin(t)) for t in np.linspace(0, math.pi, 26)]
        tube(arc, 0.055, strap, flat=0.4)


def backpack(rng: SeededRng, colour: str) -> None:
    wide, tall = 1.3, rng.between(1.7, 2.0)
    cloth = finish.fabric(rng, colour_of(rng, colour))
    other = finish.leather(rng, colour_of(rng, rng.pick("brown", "black", "beige")))
    box((wide, 0.7, tall), cloth, (0, 0, tall / 2), 0.28, rounds=6)
    box((wide * 0.78, 0.24, tall * 0.42), cloth, (0, -0.4, tall * 0.3), 0.1, rounds=5)
    box((wide * 0.8, 0.03, 0.06), other, (0, -0.53, tall * 0.46), 0.01)
    for x in (-0.3, 0.3):
        box((0.09, 0.05, tall * 0.5), other, (x, -0.36, tall * 0.7), 0.015)
    tube(
        [(0.2 * math.cos(t), 0.1, tall - 0.03 + 0.24 * math.sin(t)) for t in np.linspace(0, math.pi, 16)], 0.045, other
    )
    for side in (-1, 1):
        tube(
            [(side * 0.42, 0.3, tall * 0.9), (side * 0.82, 0.42, tall * 0.55), (side * 0.55, 0.34, 0.12)],
            0.07,
            cloth,
            flat=0.5,
        )


def watch(rng: SeededRng, colour: str) -> None:
    """Closed strap standing on its side as on a display, face to the front."""
    case = finish.trim(rng)
    strap = finish.leather(rng, colour_of(rng, colour))
    ring = [
        (0.0, 0.55 - 0.62 * math.cos(t), 0.75 + 0.7 * math.sin(t))
        for t in np.linspace(-math.pi * 0.83, math.pi * 0.83, 48)
    ]
    _band(ring, 0.2, 0.05, strap)
    for radius, deep, material in (
        (0.46, 0.2, case),
        (0.4, 0.215, finish.matte(rng, from_hex(rng.pick("f4f1ea", "17181c", "1f3a5f", "d9d2c3")))),
    ):
        drum = lathe(
            rounded([(0, 0), (radius, 0), (radius, deep), (0, deep)], 0.03), material, (0, 0.02, 0.75), sides=72
        )
        drum.rotation_euler = (math.pi / 2, 0, 0)
    hand = metal(rng, "dark metal") if rng.chance(0.5) else metal(rng, "gold")
    for long, angle in ((0.3, rng.between(0, 6.28)), (0.2, rng.between(0, 6.28))):
        at = (math.sin(angle) * long / 2, -0.21, 0.75 + math.cos(angle) * long / 2)
        box((0.028, 0.012, long), hand, at, 0.004, (0, angle, 0))
    for hour in range(12):
        angle = hour * math.pi / 6
        box(
            (0.02, 0.01, 0.06),
            hand,
            (0.34 * math.sin(angle), -0.2, 0.75 + 0.34 * math.cos(angle)),
            0.003,
            (0, angle, 0),
        )
    lathe([(0, 0), (0.05, 0), (0.05, 0.1), (0, 0.1)], case, (0.45, -0.08, 0.75)).rotation_euler = (0, math.pi / 2, 0)


def _band(path: list[tuple[float, float, float]], half: float, thick: float, material: Any) -> None:
    """A strap as wide as 2 x half along x, following a path in the y-z plane."""
    rings = []
    for i, (_, y, z) in enumerate(path):
        before, after = path[max(i - 1, 0)], path[min(i + 1, len(path) - 1)]
        dy, dz = after[1] - before[1], after[2] - before[2]
        length = math.hypot(dy, dz) or 1.0
        ny, nz = -dz / length * thick / 2, dy / length * thick / 2
        rings.append([(-half, y + ny, z + nz), (half, y + ny, z + nz), (half, y - ny, z - nz), (-half, y - ny, z - nz)])
    loft(rings, material)


def ring(rng: SeededRng, colour: str) -> None:
    """Bigger than life, as a macro lens would show it."""
    shine = metal(rng, colour, 0.08)
    tube([(0.5 * math.cos(t), 0, 0.56 + 0.5 * math.sin(t)) for t in np.linspace(0, 2 * math.pi, 64)], 0.065, shine)
    stone = glass(rng, rng.pick((0.97, 0.98, 1.0), (0.2, 0.7, 0.4), (0.2, 0.3, 0.9), (0.9, 0.2, 0.3)))
    lathe([(0, 1.06), (0.2, 1.24), (0.13, 1.34), (0, 1.34)], stone, sides=8)
    lathe([(0.05, 1.04), (0.2, 1.2)], shine, sides=8)


def bracelet(rng: SeededRng, colour: str) -> None:
    bead, other = finish.glossy(rng, colour_of(rng, colour)), finish.trim(rng)
    count = 22
    ball = lathe(curve([(0, -0.1), (0.1, 0), (0, 0.1)], 16), bead, (0.75, 0, 0.1), sides=24)
    for k in range(1, count):
        angle = 2 * math.pi * k / count
        at = (0.75 * math.cos(angle), 0.75 * math.sin(angle), 0.1)
        if k % 7 == 0:
            lathe(curve([(0, -0.09), (0.09, 0), (0, 0.09)], 16), other, at, sides=24)
        else:
            put(ball.data, None, at)


def sunglasses(rng: SeededRng, colour: str) -> None:
    frame = finish.glossy(rng, colour_of(rng, colour))
    lens = glass(rng, rng.pick((0.08, 0.08, 0.09), (0.2, 0.1, 0.04), (0.06, 0.14, 0.1)))
    for side in (-1, 1):
        rim = [
            (side * 0.48 + 0.36 * math.cos(t), 0, 0.34 + 0.29 * math.sin(t)) for t in np.linspace(0, 2 * math.pi, 48)
        ]
        tube(rim, 0.045, frame)
        pane = lathe([(0, 0), (0.36, 0), (0.36, 0.015), (0, 0.015)], lens, (side * 0.48, 0, 0.34), sides=48)
        pane.rotation_euler, pane.scale = (math.pi / 2, 0, 0), (1, 0.8, 1)
        tube(
            [(side * 0.83, 0, 0.44), (side * 0.88, 0.15, 0.44), (side * 0.8, 1.1, 0.36), (side * 0.76, 1.35, 0.1)],
            0.035,
            frame,
        )
    tube([(-0.14, 0, 0.42), (0, -0.04, 0.47), (0.14, 0, 0.42)], 0.04, frame)


def headphones(rng: SeededRng, colour: str) -> None:
    shell, soft = (
        finish.matte(rng, colour_of(rng, colour)),
        finish.leather(rng, from_hex(rng.pick("17181a", "5b4030", "d8d2c6"))),
    )
    arc = [(0.75 * math.cos(t), 0, 0.7 + 0.85 * math.sin(t)) for t in np.linspace(0, math.pi, 36)]
    tube(arc, 0.075, soft)
    for side in (-1, 1):
        for radius, deep, inset, material in ((0.38, 0.2, 0.0, shell), (0.36, 0.2, -0.18, soft)):
            cup = lathe(
                rounded([(0, 0), (radius, 0), (radius, deep), (0, deep)], 0.07),
                material,
                (side * (0.68 + inset), 0, 0.5),
            )
            cup.rotation_euler, cup.scale = (0, side * math.pi / 2, 0), (1.25, 1, 1)


def wallet(rng: SeededRng, colour: str) -> None:
    hide = finish.leather(rng, colour_of(rng, colour))
    for z in (0.05, 0.13):
        box((1.2, 0.95, 0.075), hide, (0.0, 0, z), 0.035)
    box((0.04, 0.95, 0.16), hide, (-0.59, 0, 0.09), 0.02)
    box((0.2, 0.12, 0.01), finish.trim(rng), (0.35, -0.3, 0.172), 0.004)


def belt(rng: SeededRng, colour: str) -> None:
    """Rolled up, the buckle at the end."""
    hide = finish.leather(rng, colour_of(rng, colour))
    turns = np.linspace(0, 2 * math.pi * 3.1, 150)
    path = [((0.3 + 0.045 * t) * math.cos(t), (0.3 + 0.045 * t) * math.sin(t)) for t in turns]
    rings = []
    for x, y in path:
        grow = 1 + 0.045 / math.hypot(x, y)
        rings.append([(x, y, 0.02), (x, y, 0.4), (x * grow, y * grow, 0.4), (x * grow, y * grow, 0.02)])
    loft(rings, hide)
    x, y = path[-1]
    buckle = [
        (x, y - 0.04, 0.0),
        (x + 0.3, y - 0.1, 0.0),
        (x + 0.3, y - 0.1, 0.44),
        (x, y - 0.04, 0.44),
        (x, y - 0.04, 0.0),
    ]
    tube(buckle, 0.03, finish.trim(rng))
