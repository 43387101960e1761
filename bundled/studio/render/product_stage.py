"""A product on the stage: built, turned, scaled to its place, with the box it fills."""

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render import products


@dataclass
class PlacedProduct:
    parts: list[Any]
    low: np.ndarray
    high: np.ndarray

    @property
    def size(self) -> float:
        """What it fills of the frame: its height, or its width where that is more; depth counts, seen end on."""
        wide, deep, tall = (float(side) for side in self.high - self.low)
        return max(tall, wide * 0.85, deep * 0.6, 0.5)

    @property
    def span(self) -> float:
        """The narrowest frame that holds it: its near end is seen larger."""
        wide, deep, tall = (float(side) for side in self.high - self.low)
        return max(tall, wide) * 1.04 + 0.3 * deep


def place(rng: SeededRng, kind: str, colour: str) -> PlacedProduct:
    before = set(bpy.data.objects)
    products.BUILDERS[kind](rng, colour)
    parts = [thing for thing in bpy.data.objects if thing not in before]
    holder = bpy.data.objects.new("product", None)
    bpy.context.scene.collection.objects.link(holder)
    for part in parts:
        part.parent = holder
    turn = PRODUCTS[kind].turn
    holder.rotation_euler = (0, 0, rng.between(-turn, turn))
    return _settled(parts, holder)


def _settled(parts: list[Any], holder: Any) -> PlacedProduct:
    """Nothing sinks into the surface, nothing floats: its lowest point comes to rest on it."""
    bpy.context.view_layer.update()
    corners = _extent(parts)
    holder.location = (
        -(corners[0][0] + corners[1][0]) / 2,
        -(corners[0][1] + corners[1][1]) / 2,
        -corners[0][2] + 0.004,
    )
    bpy.context.view_layer.update()
    return PlacedProduct(parts, *_extent(parts))


def _extent(parts: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    points = []
    for part in parts:
        count = len(part.data.vertices)
        local = np.empty(count * 3, np.float32)
        part.data.vertices.foreach_get("co", local)
        matrix = np.array(part.matrix_world)
        points.append(local.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
    cloud = np.concatenate(points)
    return cloud.min(0), cloud.max(0)
