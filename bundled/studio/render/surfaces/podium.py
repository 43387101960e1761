"""A plinth for the product, alone or with lower and higher neighbours."""

from typing import Any

from bundled.studio.plan.colours import paint, scaled
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials import mineral, soft, stone
from bundled.studio.render.meshes import box, lathe, plane, rounded

HEIGHT = 0.7
RADIUS = 1.7  # the far edge of its top, as the camera must know it


def podium(rng: SeededRng, variant: str, depth: float, clear: float) -> list[Any]:
    colour = paint(rng, variant)
    body = _body(rng, variant, colour)
    tall, radius = HEIGHT, RADIUS
    floor = soft.paper(rng, scaled(colour, rng.between(0.75, 0.95)))
    parts = [_plinth(rng, body, radius, tall), plane(floor, 36, 26, (0, depth - 26, -tall))]
    if rng.chance(0.6):
        parts.append(_neighbour(rng, body, radius, tall))
    return parts


def _body(rng: SeededRng, variant: str, colour: Any) -> Any:
    if variant == "white" and rng.chance(0.4):
        return stone.marble(rng, "white marble", joints=False)
    if variant == "beige" and rng.chance(0.6):
        return stone.travertine(rng)
    return mineral.plaster(rng, colour) if rng.chance(0.3) else mineral.paint_coat(rng, colour, 0.6)


def _plinth(rng: SeededRng, material: Any, radius: float, tall: float) -> Any:
    if rng.chance(0.7):
        return lathe(rounded([(0, -tall), (radius, -tall), (radius, 0), (0, 0)], 0.05), material, sides=96)
    return box((radius * 2, radius * 1.8, tall), material, (0, 0, -tall / 2), 0.05)


def _neighbour(rng: SeededRng, material: Any, radius: float, tall: float) -> Any:
    top, wide = tall * rng.between(0.5, 2.2), rng.between(0.6, 1.1)
    at = (rng.sign() * (radius + rng.between(0.7, 1.6)), rng.between(0.8, 2.4), -tall)
    return lathe(rounded([(0, 0), (wide, 0), (wide, top), (0, top)], 0.04), material, at, sides=72)
