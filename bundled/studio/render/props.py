"""Small things around the product: leaves, petals, pebbles, a folded cloth. Never before it, never under it."""

import math
from typing import Any

from bundled.studio.plan.colours import from_hsv
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.render.backdrops.furnishing import leaf_cloud
from bundled.studio.render.materials import mineral, plain, soft
from bundled.studio.render.meshes import curve, lathe, mesh_of, put
from bundled.studio.render.product_stage import PlacedProduct

NO_PROPS = ("grass", "moss", "autumn leaves", "pebbles", "snow", "podium")


def scatter(rng: SeededRng, plan: Plan, placed: PlacedProduct) -> None:
    if plan.surface in NO_PROPS or plan.view != "standing":
        return
    kind = rng.pick(_leaves, _petals, _stones, _sprig)
    kind(rng, float(max(placed.high[0], placed.high[1], 0.5)))


def _beside(rng: SeededRng, clear: float, spread: float) -> tuple[float, float]:
    """To the side or behind: a prop in front would hide the product."""
    side = rng.sign()
    return side * (clear + rng.between(0.25, spread)), rng.between(-0.25, 1.2)


def _leaves(rng: SeededRng, clear: float) -> None:
    green = soft.leaf(rng, rng.between(0.22, 0.3), glow=0.2, autumn=rng.chance(0.2))
    for _ in range(rng.whole(3, 7)):
        x, y = _beside(rng, clear, 1.4)
        put(_flat_leaf(rng, rng.between(0.25, 0.5)), green, (x, y, 0.02), (0, 0, rng.between(0, 2 * math.pi)))


def _petals(rng: SeededRng, clear: float) -> None:
    tint = plain.plain(rng, from_hsv(rng.pick(0.95, 0.0, 0.12, 0.8), rng.between(0.2, 0.6), 0.95), 0.6)
    for _ in range(rng.whole(6, 14)):
        x, y = _beside(rng, clear, 1.6)
        put(
            _flat_leaf(rng, rng.between(0.1, 0.2), round_=True),
            tint,
            (x, y, 0.02),
            (0, 0, rng.between(0, 2 * math.pi)),
        )


def _flat_leaf(rng: SeededRng, long: float, round_: bool = False) -> Any:
    wide = long * (0.7 if round_ else rng.between(0.3, 0.45))
    curl = long * rng.between(0.05, 0.3)
    points = [(-long, 0, curl * 0.6), (-0.3 * long, wide, curl), (0.5 * long, 0.8 * wide, curl), (long, 0, curl * 0.4),
              (0.5 * long, -0.8 * wide, curl), (-0.3 * long, -wide, curl), (0, 0, 0)]  # fmt: skip
    faces = [(i, (i + 1) % 6, 6) for i in range(6)]
    return mesh_of(points, faces, smooth=True)


def _stones(rng: SeededRng, clear: float) -> None:
    rock = mineral.pebble(rng)
    for _ in range(rng.whole(2, 5)):
        x, y = _beside(rng, clear, 1.2)
        size = rng.between(0.15, 0.4)
        stone = lathe(
            curve([(0, 0), (size * 0.8, 0.02), (size, size * 0.3), (size * 0.6, size * 0.55), (0, size * 0.6)], 20),
            rock,
            (x, y, -0.01),
        )
        stone.scale = (1, rng.between(0.6, 1), 1)


def _sprig(rng: SeededRng, clear: float) -> None:
    """A twig with leaves, lying behind."""
    green = soft.leaf(rng, rng.between(0.22, 0.3), glow=0.2)
    x, y = _beside(rng, clear, 0.8)
    twig = put(leaf_cloud(rng, 26, (0.9, 0.14, 0.1), 0.22), green, (x * 1.25, abs(y) + 0.5, 0.2))
    twig.rotation_euler = (0, 0, rng.between(-0.6, 0.6))
