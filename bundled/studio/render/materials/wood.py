"""Wood: planks with growth rings, fibres and pores."""

import math
from typing import Any

from bundled.studio.plan.colours import from_hex, scaled
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.nodes import Graph

SPECIES = {  # middle, dark, light
    "oak": ("c19b6c", "a07a4e", "d6b78b"),
    "rustic oak": ("93724f", "583d27", "b3946c"),
    "walnut": ("574034", "30221b", "745a49"),
    "pine": ("d9b380", "b58450", "ecd0a2"),
    "dark wood": ("3a271d", "180f0a", "523829"),
    "whitewashed wood": ("cfc7ba", "a89c8f", "e5dfd5"),
    "teak": ("9c6f4b", "68452c", "ba8f67"),
    "grey weathered wood": ("8f8a82", "5c5853", "b3aea5"),
    "bamboo": ("d8bb7c", "b08f4e", "ead4a0"),
}


def wood(
    rng: SeededRng,
    species: str,
    turn: float = 0.0,
    plank: tuple[float, float] | None = None,
    gloss: float | None = None,
) -> Any:
    """Planks lie along x before the turn; plank is (length, width)."""
    graph = Graph(rng, name=species)
    middle, dark, light = map(from_hex, SPECIES[species])
    length, width = plank or (rng.between(12, 20), rng.between(0.9, 1.7))
    base = graph.place(turn=turn, spread=40)
    per_plank, joint = graph.bricks(base, length, width, 0.012, offset=rng.between(0.3, 0.6), soft=0.3)
    figure, fibres = _figure(graph, base, graph.times(per_plank, 37.0))
    colour = graph.ramp(figure, [(0.28, dark), (0.5, middle), (0.72, light)])
    colour = graph.mix(1.0, colour, graph.ramp(per_plank, [(0, 0.72), (0.5, 0.92), (1, 1.08)]), "MULTIPLY")
    stain = graph.step(graph.noise(base, 0.5, 3), 0.5, 0.8, 0, 0.3)
    colour = graph.mix(joint, graph.mix(stain, colour, scaled(dark, 0.8)), scaled(dark, 0.15))
    rough = gloss if gloss is not None else rng.between(0.28, 0.55)
    height = graph.less(graph.times(figure, 0.12), joint)
    shine = graph.spread(fibres, rough + 0.15, rough - 0.08)
    return graph.done(graph.surface(colour, shine, graph.bump(height, 0.02, 0.8), middle))


def _figure(graph: Graph, base: Any, plank: Any) -> tuple[Any, Any]:
    """Broad cathedral figure as growth rings, and fine fibres along the grain."""
    along = graph.warp(graph.stretched(base, (0.085, 1.0, 1.0)), 0.18, 1.2, 2)
    rings = graph.noise(along, 0.9, 1, 0.4, 0.25, w=plank)
    bands = graph.math("FRACT", graph.times(rings, graph.rng.between(9, 18)))
    bands = graph.step(graph.math("ABSOLUTE", graph.less(bands, 0.5)), 0.0, 0.5)
    fibres = graph.noise(graph.stretched(base, (0.5, 26, 26)), 1.6, 5, 0.6, w=plank)
    return graph.add(graph.times(bands, 0.22), graph.times(fibres, 0.8)), fibres


def butcher_block(rng: SeededRng) -> Any:
    return wood(rng, "oak", plank=(rng.between(5, 8), rng.between(0.4, 0.5)), gloss=0.4)


def grain_turn(rng: SeededRng) -> float:
    """Boards run across the picture, or away from the camera, or a little askew."""
    return rng.pick(0.0, 0.0, math.pi / 2, rng.between(-0.25, 0.25))
