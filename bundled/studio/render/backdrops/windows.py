"""Daylight from behind: a window in a wall with the garden outside, or a row of curtains."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex, paint, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.backdrops.furnishing import plant
from bundled.studio.render.light import lamp
from bundled.studio.render.materials.mineral import paint_coat
from bundled.studio.render.materials.plain import plain, sheer
from bundled.studio.render.meshes import box, field, plane, put, wall
from bundled.studio.render.nodes import Graph


def window(rng: SeededRng, variant: str, depth: float) -> None:
    back = depth + rng.between(1.5, 3.5)
    width, height = rng.between(2.8, 4.2), rng.between(3.8, 5.2)
    x, sill = rng.between(-1.6, 1.6), rng.between(0.2, 1.2)
    coat = paint_coat(rng, paint(rng, rng.pick("white", "cream", "light grey", "beige", "sage green")))
    _wall_with_hole(coat, back, x, sill, width, height)
    _sash(rng, back, x, sill, width, height)
    plane(_outside(rng), 26, 16, (0, back + 10, 3), (math.pi / 2, 0, 0))
    if rng.chance(0.65):
        cloth = sheer(rng, varied(rng, from_hex(rng.pick("f3f0ea", "f3f0ea", "e6d9c2"))))
        for side in (-1, 1):
            _hanging(rng, cloth, x + side * width * 0.52, back - 0.75, sill + height + 0.6, rng.between(0.7, 1.2))
    if rng.chance(0.5):
        plant(rng, (x + rng.sign() * rng.between(0.5, 1.2), back - 0.6, sill + 0.02), rng.between(0.35, 0.55))
    _daylight(rng, back, x, sill, width, height)


def _wall_with_hole(coat: Any, back: float, x: float, sill: float, width: float, height: float) -> None:
    left, right = x - width / 2, x + width / 2
    pieces = ((-20, left, -10, 16), (right, 20, -10, 16), (left, right, -10, sill), (left, right, sill + height, 16))
    for x0, x1, z0, z1 in pieces:
        box((x1 - x0, 0.6, z1 - z0), coat, ((x0 + x1) / 2, back, (z0 + z1) / 2), 0)


def _sash(rng: SeededRng, back: float, x: float, sill: float, width: float, height: float) -> None:
    frame = plain(rng, from_hex(rng.pick("f4f4f2", "f4f4f2", "2a2a2c", "8a5a2b")), 0.4)
    columns, rows = rng.whole(1, 3), rng.whole(2, 4)
    for i in range(columns + 1):
        box((0.14, 0.3, height), frame, (x - width / 2 + width * i / columns, back, sill + height / 2), 0.02)
    for i in range(rows + 1):
        box((width, 0.3, 0.14), frame, (x, back, sill + height * i / rows), 0.02)
    box((width + 0.6, 1.0, 0.15), frame, (x, back - 0.5, sill - 0.05), 0.02)


def _outside(rng: SeededRng) -> Any:
    """A bright sky over blurred trees."""
    graph = Graph(rng, name="outside")
    here = graph.place()
    height = graph.xyz()[1]
    edge = graph.add(graph.times(graph.noise(here, 0.25, 5), 6.0), height)
    trees = graph.step(edge, rng.between(1.5, 4), rng.between(4.5, 6.5))
    green = graph.mix(graph.noise(here, 1.2, 4), (0.07, 0.16, 0.04), (0.3, 0.45, 0.15))
    light = graph.mix(trees, green, (0.8, 0.9, 1.0))
    return graph.done(graph.node("Emission", Color=light, Strength=rng.between(2.2, 3.5)).outputs[0])


def _daylight(rng: SeededRng, back: float, x: float, sill: float, width: float, height: float) -> None:
    at = (x, back + 0.6, sill + height / 2)
    light = lamp(
        "AREA", at, (at[0], at[1] - 4, at[2] - 1), rng.between(450, 800) * width * height / 12, (1, 0.98, 0.95)
    )
    light.data.shape, light.data.size, light.data.size_y = "RECTANGLE", width, height


def curtain(rng: SeededRng, variant: str, depth: float) -> None:
    """Cloth from side to side, lit from behind as by a wide window."""
    back = depth + rng.between(1.0, 3.0)
    wall(plain(rng, (0.8, 0.8, 0.8)), back + 6)
    cloth = sheer(rng, paint(rng, variant))
    _hanging(rng, cloth, 0, back, 14, 16, folds=rng.between(2.0, 3.4), deep=0.3)
    light = lamp("AREA", (rng.between(-6, 6), back + 4, 6), (0, back, 2), rng.between(900, 1600), (1, 0.96, 0.9), 7)
    light.data.size = 8


def _hanging(
    rng: SeededRng, cloth: Any, x: float, y: float, top: float, half: float, folds: float = 9.0, deep: float = 0.16
) -> Any:
    phase = rng.between(0, 9)

    def pleats(u: Any, v: Any) -> Any:
        return deep * np.sin(folds * u + 0.8 * np.sin(folds * 0.23 * u + phase) + 0.06 * v)

    columns = min(900, int(60 * half * max(1.0, folds / 4)))
    mesh = field(half, 9, columns, 8, pleats)
    return put(mesh, cloth, (x, y, top - 9), (math.pi / 2, 0, 0))
