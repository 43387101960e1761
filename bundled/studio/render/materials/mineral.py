"""What walls and floors are made of: paint, plaster, concrete, tiles, bricks, sand, snow, pebbles."""

from typing import Any

from bundled.studio.plan.colours import Colour, from_hex, scaled, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.nodes import Graph

BRICKS = {  # face, dark face, mortar
    "red brick": ("8c5f4b", "68463a", "b8a690"),
    "white brick": ("e9e6df", "d9d5cc", "dcd8cf"),
    "dark brick": ("4a3a34", "2c2422", "6a635b"),
    "grey brick": ("8b8782", "6f6b67", "a8a49c"),
    "orange brick": ("b07048", "885238", "cdbda2"),
}
TILES = {
    "white": "eeeeea", "sage green": "8fa58a", "navy blue": "22365c", "terracotta": "b5623f", "grey": "8d9094",
    "pink": "dd9ea0", "teal": "2f7f80", "black": "1c1c1e", "cream": "e6dcc4", "emerald": "1d6b4d",
}  # fmt: skip
TILE_SHAPES = ((1, 1, 0), (1.5, 1.5, 0), (2, 2, 0), (2, 0.75, 0.5), (1.5, 0.75, 0.5), (0.5, 0.5, 0), (0.75, 2, 0))


def paint_coat(rng: SeededRng, colour: Colour, rough: float = 0.7, grain: float = 0.012) -> Any:
    graph = Graph(rng, name="paint")
    here = graph.place()
    tone = graph.step(graph.noise(here, 0.25, 3), 0.3, 0.7)
    colours = graph.mix(tone, scaled(colour, 0.95), scaled(colour, 1.03))
    return graph.done(graph.surface(colours, rough, graph.bump(graph.noise(here, 9, 4, 0.6), grain, 0.5), colour))


def plaster(rng: SeededRng, colour: Colour) -> Any:
    graph = Graph(rng, name="plaster")
    here = graph.place()
    bent = graph.warp(here, 0.5, 0.6, 3)
    trowel = graph.noise(graph.stretched(bent, (0.6, 1.4, 1), 0.6), 1.0, 8, 0.58, 0.35)
    value = graph.add(graph.times(trowel, 0.55), graph.times(graph.noise(bent, 0.3, 5, 0.6), 0.45))
    tone = graph.ramp(value, [(0.28, scaled(colour, 0.72)), (0.5, colour), (0.72, scaled(colour, 1.15))])
    height = graph.add(trowel, graph.times(graph.noise(here, 11, 4, 0.65), 0.16))
    return graph.done(graph.surface(tone, 0.85, graph.bump(height, 0.14, 0.5), colour))


def concrete(rng: SeededRng, colour: Colour | None = None) -> Any:
    graph = Graph(rng, name="concrete")
    colour = colour or varied(rng, from_hex(rng.pick("9a9893", "85837f", "aeaaa2", "b7b0a6")))
    here = graph.place()
    broad = graph.noise(graph.warp(here, 0.5, 0.4), 0.35, 6, 0.65)
    middle, fine = graph.noise(here, 2.2, 8, 0.65), graph.noise(here, 18, 3, 0.7)
    value = graph.add(graph.times(broad, 0.6), graph.times(middle, 0.4))
    tone = graph.mix(graph.step(value, 0.3, 0.7), scaled(colour, 0.72), scaled(colour, 1.18))
    tone = graph.mix(0.2, tone, graph.ramp(fine, [(0.3, 0.0), (0.7, 1.0)]), "OVERLAY")
    pores = graph.step(graph.cells(here, rng.between(1.6, 3)), 0.03, 0.07, 1, 0)
    pores = graph.times(pores, graph.step(graph.noise(here, 1.1, 1), 0.5, 0.55))
    height = graph.less(graph.add(graph.times(middle, 0.35), graph.times(fine, 0.08)), pores)
    tone = graph.mix(pores, tone, scaled(colour, 0.3))
    rough = graph.spread(value, 0.9, rng.between(0.45, 0.75))
    return graph.done(graph.surface(tone, rough, graph.bump(height, 0.05, 0.6), colour))


def tiles(
    rng: SeededRng, name: str, shape: tuple[float, float, float] | None = None, askew: bool = False, satin: bool = False
) -> Any:
    """Glazed, or `satin` where the camera looks along them and a full glaze would show the room and not its colour."""
    graph = Graph(rng, name="tiles")
    colour = varied(rng, from_hex(TILES[name]), 0.06)
    width, height, offset = shape or rng.one_of(TILE_SHAPES)
    here = graph.warp(graph.place(turn=0.785 if askew else 0, spread=9), 0.015, 2.0, 1)
    per_tile, joint = graph.bricks(here, width, height, rng.between(0.02, 0.04), offset=offset, soft=0.6)
    glaze = graph.noise(here, 1.5, 4)
    tone = graph.mix(graph.times(per_tile, 0.5), scaled(colour, 0.84), scaled(colour, 1.1))
    tone = graph.mix(graph.step(glaze, 0.4, 0.8, 0, 0.2), tone, scaled(colour, 0.65))
    grout = from_hex(rng.pick("d8d4cc", "b0aba2", "efede8", "d8d4cc", "5a5855"))
    tone = graph.mix(joint, tone, graph.mix(graph.noise(here, 9), scaled(grout, 0.7), grout))
    tilt = graph.noise(graph.stretched(here, (0.9 / width, 0.9 / height, 1)), 0.8, 0, w=graph.times(per_tile, 60.0))
    relief = graph.add(graph.times(joint, -1.0), graph.add(graph.times(tilt, 0.35), graph.times(glaze, 0.12)))
    rough = graph.spread(joint, rng.between(0.08, 0.25) + 0.25 * satin, 0.85)
    gloss = {"Specular_IOR_Level": 0.06} if satin else {"Coat_Weight": 0.3}
    return graph.done(graph.surface(tone, rough, graph.bump(relief, 0.035, 0.9), colour, **gloss))


def bricks(rng: SeededRng, kind: str) -> Any:
    graph = Graph(rng, name=kind)
    face, dark, mortar = map(from_hex, BRICKS[kind])
    still = graph.place(spread=9)
    here = graph.warp(still, 0.06, 1.6, 4)
    size = rng.between(0.8, 1.0)
    per_brick, joint = graph.bricks(here, 2.1 * size, 0.7 * size, 0.05 * size, soft=0.35)
    pits = graph.noise(still, 3.2, 8, 0.65, w=graph.times(per_brick, 50.0))
    fine = graph.noise(still, 16, 4, 0.7)
    tone = graph.mix(graph.step(pits, 0.3, 0.75, 0, 0.6), graph.mix(per_brick, dark, face), scaled(face, 0.5))
    tone = graph.mix(0.35, tone, graph.ramp(fine, [(0.25, 0.1), (0.75, 0.9)]), "OVERLAY")
    tone = graph.mix(graph.step(graph.noise(still, 0.5, 5), 0.55, 0.8, 0, 0.35), tone, mortar)  # lime bloom
    tone = graph.mix(joint, tone, graph.mix(fine, scaled(mortar, 0.6), mortar))
    relief = graph.add(graph.times(pits, 0.45), graph.times(per_brick, 0.25))
    return graph.done(graph.surface(tone, 0.9, graph.bump(graph.less(relief, joint), 0.09, 1.0), face))


def sand(rng: SeededRng) -> Any:
    graph = Graph(rng, name="sand")
    colour = varied(rng, from_hex(rng.pick("d9bd8f", "e3cda6", "cfae7d", "e8dcc6")), 0.06)
    here = graph.place()
    grain, drift = graph.noise(here, 32, 2, 0.8), graph.noise(here, 1.4, 6, 0.6)
    specks = graph.step(graph.grey(graph.cells(here, 22, out="Color")), 0.8, 0.9, 0, 0.5)
    tone = graph.mix(graph.step(drift, 0.3, 0.7), scaled(colour, 0.82), scaled(colour, 1.06))
    tone = graph.mix(0.45, tone, graph.ramp(grain, [(0.25, 0.05), (0.5, 0.5), (0.75, 0.95)]), "OVERLAY")
    height = graph.add(graph.times(grain, 0.3), drift)
    tone = graph.mix(specks, tone, scaled(colour, 0.35))
    return graph.done(graph.surface(tone, 0.95, graph.bump(height, 0.09, 0.8), colour, Specular_IOR_Level=0.2))


def snow(rng: SeededRng) -> Any:
    graph = Graph(rng, name="snow")
    here = graph.place()
    grain, drift = graph.noise(here, 26, 2, 0.8), graph.noise(here, 1.1, 5, 0.6)
    sparkle = graph.step(graph.grey(graph.cells(here, 30, out="Color")), 0.85, 0.95, 0.5, 0.15)
    height = graph.add(graph.times(grain, 0.22), drift)
    tone = graph.mix(grain, (0.86, 0.9, 0.96), (0.97, 0.98, 1.0))
    return graph.done(graph.surface(tone, sparkle, graph.bump(height, 0.09, 0.7), (0.92, 0.95, 0.98)))


def pebble(rng: SeededRng, wet: bool = False) -> Any:
    """One material for many stones: each mesh island has a grey or brown of its own."""
    graph = Graph(rng, name="pebble")
    island = graph.node("NewGeometry").outputs["Random Per Island"]
    codes = ("5d5c5a", "8d8a86", "b7b0a6", "a08872", "d6d1c8", "6f675f")
    stops = [(i / len(codes), from_hex(code)) for i, code in enumerate(codes)]
    tone = graph.ramp(island, stops, "CONSTANT")
    grain = graph.noise(graph.place(), 9, 5, 0.65)
    tone = graph.mix(0.3, tone, graph.ramp(grain, [(0.3, 0.15), (0.7, 0.85)]), "OVERLAY")
    return graph.done(graph.surface(tone, 0.15 if wet else 0.6, graph.bump(grain, 0.02, 0.5)))
