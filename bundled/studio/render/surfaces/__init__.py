"""What the product stands on: builders by name; the top lies at z = 0, the product at the origin; flat within `clear`."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

from collections.abc import Callable
from typing import Any

from bundled.studio.plan.colours import from_hex, paint, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials import mineral, plain, soft, stone, wood
from bundled.studio.render.surfaces import cloth, ground, podium
from bundled.studio.render.surfaces.slab import slab

Builder = Callable[[SeededRng, str, float, float], list[Any]]
_GROUNDS = {"white": "e8e4dc", "grey": "bfbab2", "dark": "3a3a3c", "pink": "e3cfc2"}
_GRANITES = {"grey": "8c8a88", "dark": "4a4745", "pink": "a98f82"}
_LEATHERS = {"brown": "brown", "black": "black"}


def _of(material: Callable[[SeededRng, str], Any], rounding: float = 0.04) -> Builder:
    """A flat slab of the material."""
    return lambda rng, variant, depth, clear: [slab(material(rng, variant), depth, rounding)]


BUILDERS: dict[str, Builder] = {
    "wood": _of(lambda rng, v: wood.wood(rng, v, turn=wood.grain_turn(rng))),
    "marble": _of(stone.marble, 0.03),
    "concrete": _of(lambda rng, v: mineral.concrete(rng)),
    "tiles": _of(lambda rng, v: mineral.tiles(rng, v, askew=rng.chance(0.15), satin=True), 0.01),
    "terrazzo": _of(lambda rng, v: stone.terrazzo(rng, _GROUNDS[v]), 0.03),
    "granite": _of(lambda rng, v: stone.granite(rng, _GRANITES[v]), 0.03),
    "slate": _of(lambda rng, v: stone.slate(rng), 0.05),
    "wet stone": _of(lambda rng, v: stone.slate(rng, wet=True), 0.05),
    "travertine": _of(lambda rng, v: stone.travertine(rng), 0.05),
    "sandstone": _of(lambda rng, v: stone.travertine(rng, sandstone=True), 0.06),
    "leather": _of(lambda rng, v: soft.leather(rng, paint(rng, _LEATHERS[v]), 10), 0.08),
    "wicker": _of(lambda rng, v: soft.wicker(rng, varied(rng, from_hex("b08d5e"))), 0.06),
    "acrylic": _of(lambda rng, v: plain.acrylic(rng, paint(rng, v)), 0.02),
    "metal": _of(lambda rng, v: plain.metal(rng, v, brushed=True), 0.02),
    "paper": _of(lambda rng, v: soft.paper(rng, paint(rng, v)), 0.01),
    "plaster": _of(lambda rng, v: mineral.plaster(rng, paint(rng, v)), 0.05),
    "linen": cloth.linen,
    "velvet": cloth.velvet,
    "knit": cloth.knit,
    "sand": ground.sand,
    "snow": ground.snow,
    "grass": ground.grass,
    "moss": ground.moss,
    "autumn leaves": ground.autumn_leaves,
    "pebbles": ground.pebbles,
    "podium": podium.podium,
}
COVERS_THE_BASE = ("grass", "moss", "autumn leaves", "pebbles", "sand", "snow")  # stands before the product's foot
