"""A table, counter or floor: flat, as deep as asked, with a rounded front edge out of sight."""

from typing import Any

from bundled.studio.render.meshes import box, flat


def slab(material: Any, depth: float, rounding: float = 0.04) -> Any:
    """Reaches `depth` behind the product and well past the camera's foot."""
    front = 24.0
    return flat(box((70, depth + front, 0.4), material, (0, (depth - front) / 2, -0.2), rounding))
