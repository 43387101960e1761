"""Shadow patterns: leaves, blinds or window bars held before a hard light, out of the picture."""

import math
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import plain
from bundled.studio.render.meshes import box, mesh_of, put


def throw(rng: SeededRng, pattern: str, towards: Vector, flat: bool = False) -> None:
    holder = bpy.data.objects.new("pattern", None)
    bpy.context.scene.collection.objects.link(holder)
    holder.location = Vector((0, 0 if flat else 1.0, 0 if flat else 1.0)) + towards * 7
    holder.rotation_euler = towards.to_track_quat("Z", "Y").to_euler()
    dark = plain(rng, (0.02, 0.02, 0.02))
    for part in {"blind": _blind, "window": _bars, "leaf": _leaves}[pattern](rng, dark):
        part.parent = holder
        part.visible_camera = part.visible_glossy = False


def _blind(rng: SeededRng, dark: Any) -> list[Any]:
    pitch = rng.between(0.55, 0.95)
    return [box((18, pitch * 0.5, 0.02), dark, (0, i * pitch, 0), 0) for i in range(-12, 13)]


def _bars(rng: SeededRng, dark: Any) -> list[Any]:
    tall, wide = rng.between(2.4, 3.2), rng.between(1.9, 2.6)
    across = [box((18, 0.3, 0.02), dark, (0, (i + 0.5) * tall, 0), 0) for i in range(-3, 3)]
    upright = [box((0.3, 18, 0.02), dark, ((i + 0.5) * wide, 0, 0), 0) for i in range(-3, 3)]
    frame = [box((6, 18, 0.02), dark, (side * (wide * 1.5 + 3), 0, 0), 0) for side in (-1, 1)]
    return [*across, *upright, *frame]


def _leaves(rng: SeededRng, dark: Any) -> list[Any]:
    """Two or three fronds: leaves along a bent stem, as a palm or an olive branch throws them."""
    return [_frond(rng, dark, palm=rng.chance(0.5)) for _ in range(rng.whole(3, 5))]


def _frond(rng: SeededRng, dark: Any, palm: bool) -> Any:
    start, heading, bend = (
        (rng.between(-5, 5), rng.between(-4, 4)),
        rng.between(0, 2 * math.pi),
        rng.between(-0.12, 0.12),
    )
    count, step = rng.whole(12, 18), 0.55 if palm else 0.36
    long, wide = (rng.between(1.5, 2.2), 0.05) if palm else (rng.between(0.7, 1.0), 0.14)
    points: list[Any] = []
    here = np.array(start)
    for i in range(count):
        heading += bend
        here = here + step * np.array([math.cos(heading), math.sin(heading)])
        fade = math.sin(math.pi * min(1.0, (i + 2) / (count + 1))) ** 0.5
        for side in (-1, 1):
            points += _leaf_shape(here, heading + side * (0.75 if palm else 0.9), long * fade, wide)
    faces = [tuple(range(6 * k, 6 * k + 6)) for k in range(len(points) // 6)]
    return put(mesh_of(points, faces), dark)


def _leaf_shape(root: Any, angle: float, long: float, wide: float) -> list[tuple[float, float, float]]:
    along = np.array([math.cos(angle), math.sin(angle)]) * long
    across = np.array([-math.sin(angle), math.cos(angle)]) * long * wide
    outline = (root, root + 0.3 * along + across, root + 0.7 * along + 0.8 * across, root + along,
               root + 0.7 * along - 0.8 * across, root + 0.3 * along - across)  # fmt: skip
    return [(float(x), float(y), 0.0) for x, y in outline]
