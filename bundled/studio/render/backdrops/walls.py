"""Near walls: painted, plastered, tiled, of brick, concrete, stone or wood; the seamless studio sweep."""

import math

import numpy as np

from bundled.studio.plan.colours import from_hex, paint, scaled
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials import mineral, soft, stone, wood
from bundled.studio.render.materials.plain import plain
from bundled.studio.render.meshes import box, mesh_of, put, wall
from bundled.studio.render.nodes import Graph


def painted(rng: SeededRng, variant: str, depth: float) -> None:
    wall(mineral.paint_coat(rng, paint(rng, variant)), depth)


def plastered(rng: SeededRng, variant: str, depth: float) -> None:
    wall(mineral.plaster(rng, paint(rng, variant)), depth)


def brick(rng: SeededRng, variant: str, depth: float) -> None:
    wall(mineral.bricks(rng, variant), depth)


def tiled(rng: SeededRng, variant: str, depth: float) -> None:
    shape = rng.pick((1, 1, 0), (1.5, 1.5, 0), (2, 0.75, 0.5), (1.5, 0.75, 0.5), (0.75, 2, 0))
    wall(mineral.tiles(rng, variant, shape), depth)


def concrete(rng: SeededRng, variant: str, depth: float) -> None:
    wall(mineral.concrete(rng), depth)


def stone_wall(rng: SeededRng, variant: str, depth: float) -> None:
    wall(stone.slate(rng) if variant == "dark" else stone.travertine(rng), depth)


def panels(rng: SeededRng, variant: str, depth: float) -> None:
    wall(wood.wood(rng, variant, turn=math.pi / 2, plank=(50, rng.between(1.0, 2.0))), depth)


def slats(rng: SeededRng, variant: str, depth: float) -> None:
    dark = scaled(from_hex(wood.SPECIES[variant][1]), 0.3)
    wall(plain(rng, dark), depth + 0.35)
    face = wood.wood(rng, variant, turn=math.pi / 2, plank=(60, 40))
    pitch = rng.between(0.4, 0.7)
    first = box((pitch * 0.62, 0.4, 30), face, (0, depth + 0.2, 4), 0.04)
    for i in range(-40, 41):
        if i:
            put(first.data, None, (i * pitch, depth + 0.2, 4))


def sweep(rng: SeededRng, variant: str, depth: float, floor: float = 0.0) -> None:
    """Paper that runs from the floor up into the wall in one curve: surface and backdrop at once."""
    _curved(soft.paper(rng, paint(rng, variant)), depth, floor)


def gradient(rng: SeededRng, variant: str, depth: float) -> None:
    """A wall whose colour fades from light to full."""
    graph = Graph(rng, name="gradient")
    colour = paint(rng, variant)
    here = graph.xyz()
    ratio = graph.add(graph.times(here[0], rng.between(-0.04, 0.04)), graph.times(here[1], 0.12))
    fade = graph.step(graph.add(ratio, rng.between(0.5, 1.1)), 0.0, 1.0)
    white = tuple(0.75 + 0.2 * c for c in colour)
    flat = graph.mix(fade, white, colour) if rng.chance(0.5) else graph.mix(fade, colour, white)
    wall(graph.done(graph.surface(flat, 0.8)), depth)


def _curved(material: object, depth: float, floor: float, bend: float = 3.0) -> None:
    arc = [(depth + bend * math.sin(t), bend - bend * math.cos(t)) for t in np.linspace(0, math.pi / 2, 24)]
    line = [(-24, 0), (depth, 0), *arc[1:], (depth + bend, 26)]
    points = [(x, y, z + floor - 0.004) for y, z in line for x in (-36, 36)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(line) - 1)]
    put(mesh_of(points, faces, smooth=True), material)
