"""Outdoor ground: sand, snow, grass, moss, fallen leaves, pebbles."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hsv
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials import mineral, plain, soft
from bundled.studio.render.meshes import field, flat, hills, mesh_of, plane, put


def sand(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    return [_drifts(rng, mineral.sand(rng), depth, 0.16, clear, ripples=rng.chance(0.6))]


def snow(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    return [_drifts(rng, mineral.snow(rng), depth, 0.22, clear, ripples=False)]


def _drifts(rng: SeededRng, material: Any, depth: float, swell: float, clear: float, ripples: bool) -> Any:
    seed, pitch, angle = rng.seed(), rng.between(2.5, 4), rng.between(-0.5, 0.5)
    ripple = rng.between(0.03, 0.06) if ripples else 0.0
    half = max(depth, 6) / 2 + 7

    def height(x: Any, y: Any) -> Any:
        y = y + half - 14
        away = np.clip((np.hypot(x, y) - 0.8 * clear) / 1.2, 0.1, 1)
        along = y * math.cos(angle) + x * math.sin(angle)
        waves = ripple * np.sin(pitch * along + 1.2 * hills(x, y, 0.7, 2, seed + 1))
        return (swell * hills(x, y, 0.7, 4, seed) + waves) * away - 0.01

    return flat(put(field(18, half, 220, 220, height), material, (0, half - 14, 0)))


def grass(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    hue = rng.between(0.21, 0.29)
    blade = soft.leaf(rng, hue)
    tufts = [_blades(rng, 5200, 1.6, (0.12, 0.34), 0.04) for _ in range(3)]
    for tuft in tufts:
        tuft.materials.append(blade)
    laid = [plane(plain.plain(rng, from_hsv(hue, 0.75, 0.22), 1.0, Specular_IOR_Level=0.0), 20, 16)]
    for i in range(-4, 5):
        for j in range(-3, 6):
            quarter = rng.whole(0, 3) * math.pi / 2
            laid.append(put(rng.one_of(tufts), None, (i * 3.1 + rng.between(-0.1, 0.1), j * 3.1, 0), (0, 0, quarter)))
    return laid


def _blades(rng: SeededRng, count: int, half: float, tall: tuple[float, float], width: float, lift: Any = None) -> Any:
    """Blades of five points each, leaning every way."""
    chance = np.random.RandomState(rng.seed())
    x, y = chance.uniform(-half, half, (2, count))
    side, lean = chance.uniform(0, 2 * math.pi, (2, count))
    height = chance.uniform(*tall, count) * (0.75 + 0.35 * hills(x, y, 1.5, 2, rng.seed()))
    reach = chance.uniform(0.1, 0.9, count) * height
    z = lift(x, y) if lift is not None else np.zeros(count)
    root = np.stack([x, y, z], -1)
    across = np.stack([np.cos(side) * width / 2, np.sin(side) * width / 2, 0 * z], -1)
    over = np.stack([np.cos(lean) * reach, np.sin(lean) * reach, 0 * z], -1)
    up = np.stack([0 * z, 0 * z, height], -1)
    middle, tip = root + 0.35 * over + 0.55 * up, root + over + 0.8 * up
    points = np.stack([root - across, root + across, middle + 0.8 * across, middle - 0.8 * across, tip], 1).reshape(
        -1, 3
    )
    first = 5 * np.arange(count)
    faces = [f for i in first.tolist() for f in ((i, i + 1, i + 2, i + 3), (i + 3, i + 2, i + 4))]
    return mesh_of(points.tolist(), faces)


def moss(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    hue, seed = rng.between(0.2, 0.25), rng.seed()

    def swell(x: Any, y: Any) -> Any:
        return 0.3 * hills(x, y, 1.0, 3, seed) * np.clip(np.hypot(x, y) / 1.3 - 0.7, 0, 1)

    soil = plain.plain(rng, from_hsv(hue, 0.75, 0.16), 0.95)
    laid = [put(field(14, 11, 90, 80, lambda x, y: swell(x, y) - 0.02), soil)]
    tufts = _blades(rng, 60000, 8.0, (0.04, 0.12), 0.05, swell)
    return [*laid, put(tufts, soft.leaf(rng, hue, glow=0.15))]


def autumn_leaves(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    soil = plain.plain(rng, from_hsv(0.07, 0.6, 0.16), 0.95)
    leaves = _scattered_leaves(rng, 2600, 11, 0.42)
    return [plane(soil, 20, 16), put(leaves, soft.leaf(rng, glow=0.2, autumn=True))]


def _scattered_leaves(rng: SeededRng, count: int, half: float, size: float) -> Any:
    """Curled leaves lying over one another: a mid-rib and two bent halves."""
    chance = np.random.RandomState(rng.seed())
    spot = np.stack([*chance.uniform(-half, half, (2, count)), chance.uniform(0.0, 0.05, count)], -1)
    turn, curl = chance.uniform(0, 2 * math.pi, count), chance.uniform(-0.02, 0.1, count)
    long = size * chance.uniform(0.6, 1.2, count)[:, None]
    along = np.stack([np.cos(turn), np.sin(turn), chance.uniform(-0.1, 0.1, count)], -1) * long
    across = np.stack([-np.sin(turn), np.cos(turn), 0 * turn], -1) * long * 0.42
    up = np.stack([0 * curl, 0 * curl, curl], -1)
    points = np.stack([spot - along, spot + across + up, spot + along, spot - across + up, spot], 1).reshape(-1, 3)
    points[:, 2] += 0.03
    faces = [
        f
        for i in (5 * np.arange(count)).tolist()
        for f in ((i, i + 1, i + 4), (i + 1, i + 2, i + 4), (i + 2, i + 3, i + 4), (i + 3, i, i + 4))
    ]
    return mesh_of(points.tolist(), faces)


def pebbles(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    stones = mineral.pebble(rng, wet=rng.chance(0.3))
    bed = plain.plain(rng, from_hsv(0.08, 0.15, 0.2), 0.95)
    return [plane(bed, 20, 16, (0, 0, -0.05)), put(_stones(rng, 2400, 11), stones)]


def _stones(rng: SeededRng, count: int, half: float) -> Any:
    """Flattened balls, pressed into the bed."""
    chance = np.random.RandomState(rng.seed())
    rings, sides = 5, 8
    tilt, turn = np.meshgrid(
        np.linspace(0.15, math.pi / 2 + 0.3, rings), np.arange(sides) * 2 * math.pi / sides, indexing="ij"
    )
    ball = np.stack([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)], -1).reshape(-1, 3)
    size = (
        chance.uniform(0.16, 0.42, (count, 1, 1))
        * np.stack([np.ones(count), chance.uniform(0.6, 1, count), chance.uniform(0.3, 0.5, count)], -1)[:, None]
    )
    angle = chance.uniform(0, 2 * math.pi, count)
    shape = ball[None] * size
    x = shape[..., 0] * np.cos(angle)[:, None] - shape[..., 1] * np.sin(angle)[:, None]
    y = shape[..., 0] * np.sin(angle)[:, None] + shape[..., 1] * np.cos(angle)[:, None]
    spots = chance.uniform(-half, half, (count, 2))
    z = shape[..., 2] - shape[..., 2].max(1, keepdims=True) + chance.uniform(-0.06, 0.0, (count, 1))
    points = np.stack([x + spots[:, :1], y + spots[:, 1:], z], -1).reshape(-1, 3)
    one = [
        (r * sides + k, r * sides + (k + 1) % sides, (r + 1) * sides + (k + 1) % sides, (r + 1) * sides + k)
        for r in range(rings - 1)
        for k in range(sides)
    ]
    one_cap = [tuple(range(sides))[::-1]]
    faces = [tuple(v + n * rings * sides for v in face) for n in range(count) for face in [*one, *one_cap]]
    return mesh_of(points.tolist(), faces, smooth=True)
