"""Soft and thin things: cloth, velvet, paper, leather, leaves, fur."""

from typing import Any

from bundled.studio.plan.colours import Colour, from_hex, from_hsv, scaled, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.nodes import Graph, Socket

LINENS = {
    "white": "ece8df", "beige": "cdbb9c", "grey": "9b9a97", "blue": "4670a2", "sage green": "93a184",
    "dusty pink": "cf9f98", "mustard": "c9952c", "navy blue": "1f2c4d", "terracotta": "b9694a",
}  # fmt: skip
VELVETS = {"black": "141416", "emerald": "10503a", "navy blue": "17234a", "burgundy": "571521", "dusty pink": "b97f7c"}


def linen(rng: SeededRng, colour: Colour, pitch: float | None = None) -> Any:
    """Crossed threads of uneven thickness."""
    graph = Graph(rng, name="linen")
    pitch = pitch or rng.between(7.0, 10.0)
    here = graph.warp(graph.place(turn=rng.between(-0.3, 0.3)), 0.03, 2.0, 2)
    threads = graph.math("MAXIMUM", _threads(graph, here, pitch, "X"), _threads(graph, here, pitch * 0.97, "Y"))
    tone = graph.mix(graph.step(threads, 0.2, 1.0), scaled(colour, 0.72), scaled(colour, 1.06))
    slub = graph.step(graph.noise(graph.stretched(here, (0.4, 9, 1)), 1.5, 3), 0.4, 0.7, 0, 0.25)
    tone = graph.mix(slub, tone, scaled(colour, 0.78))
    normal = graph.bump(threads, 0.045, 0.9)
    return graph.done(
        graph.surface(tone, 0.95, normal, colour, Sheen_Weight=0.3, Sheen_Tint=colour, Specular_IOR_Level=0.15)
    )


def _threads(graph: Graph, here: Socket, pitch: float, axis: str) -> Socket:
    along = (0.4, 9, 1) if axis == "X" else (9, 0.4, 1)
    uneven = graph.spread(graph.noise(graph.stretched(here, along), 1.5, 3), 0.6, 1.2)
    return graph.times(graph.wave(here, pitch, 0.6, 2, axis), uneven)


def velvet(rng: SeededRng, name: str) -> Any:
    graph = Graph(rng, name="velvet")
    colour = varied(rng, from_hex(VELVETS[name]))
    here = graph.place()
    nap = graph.noise(graph.warp(here, 0.6, 0.8), 1.2, 5, 0.6)
    tone = graph.mix(graph.step(nap, 0.35, 0.65), scaled(colour, 0.7), scaled(colour, 1.25))
    normal = graph.bump(graph.noise(here, 30, 2), 0.02, 0.4)
    glint = scaled(colour, 3.0)  # a white sheen would turn every velvet grey
    sheen = {"Sheen_Weight": 0.5, "Sheen_Tint": glint, "Sheen_Roughness": 0.35, "Specular_IOR_Level": 0.1}
    return graph.done(graph.surface(tone, 0.9, normal, colour, **sheen))


def knit(rng: SeededRng, colour: Colour) -> Any:
    """Thick wool: rows of plaits."""
    graph = Graph(rng, name="knit")
    here = graph.warp(graph.place(), 0.05, 1.5, 2)
    stitch = graph.times(
        graph.wave(here, 0.9, 3.0, 1, "X"), graph.wave(graph.stretched(here, (1, 1, 1), 0.6), 1.1, 0.5, 1, "Y")
    )
    fuzz = graph.noise(here, 24, 3, 0.7)
    height = graph.add(stitch, graph.times(fuzz, 0.2))
    tone = graph.mix(graph.step(height, 0.1, 0.8), scaled(colour, 0.55), scaled(colour, 1.08))
    normal = graph.bump(height, 0.12, 0.8)
    return graph.done(graph.surface(tone, 0.95, normal, colour, Sheen_Weight=0.5, Specular_IOR_Level=0.1))


def paper(rng: SeededRng, colour: Colour) -> Any:
    graph = Graph(rng, name="paper")
    here = graph.place()
    fibre = graph.noise(here, 14, 4, 0.65)
    tone = graph.mix(graph.step(fibre, 0.3, 0.7), scaled(colour, 0.96), scaled(colour, 1.02))
    return graph.done(graph.surface(tone, 0.85, graph.bump(fibre, 0.008, 0.5), colour, Specular_IOR_Level=0.25))


def leather(rng: SeededRng, colour: Colour, pitch: float = 18) -> Any:
    graph = Graph(rng, name="leather")
    here = graph.place()
    grain = graph.cells(here, pitch)
    tone = graph.mix(graph.step(graph.noise(here, 2, 4), 0.3, 0.7), scaled(colour, 0.78), scaled(colour, 1.08))
    return graph.done(graph.surface(tone, 0.45, graph.bump(grain, 0.02, 0.5), colour))


def leaf(rng: SeededRng, hue: float | None = None, glow: float = 0.35, autumn: bool = False) -> Any:
    """A thin green thing that light shines through; each blade or leaf has its own shade."""
    graph = Graph(rng, name="leaf")
    island = graph.node("NewGeometry").outputs["Random Per Island"]
    value = graph.add(graph.times(island, 0.6), graph.times(graph.noise(graph.place(), 1.3, 3), 0.4))
    tone = graph.ramp(value, _autumn() if autumn else _greens(hue if hue is not None else rng.between(0.2, 0.31)))
    solid = graph.surface(tone, 0.5, Specular_IOR_Level=0.3)
    return graph.done(graph.blend(glow, solid, graph.node("BsdfTranslucent", Color=tone).outputs[0]))


def _greens(hue: float) -> list[tuple[float, Colour]]:
    return [
        (0.1, from_hsv(hue + 0.04, 0.66, 0.26)),
        (0.45, from_hsv(hue + 0.01, 0.58, 0.42)),
        (0.85, from_hsv(hue - 0.03, 0.5, 0.6)),
    ]


def _autumn() -> list[tuple[float, Colour]]:
    return [
        (0.15, from_hex("6b2f16")),
        (0.4, from_hex("b5541c")),
        (0.6, from_hex("d38a26")),
        (0.85, from_hex("c9a24a")),
    ]


def wicker(rng: SeededRng, colour: Colour) -> Any:
    graph = Graph(rng, name="wicker")
    here = graph.warp(graph.place(), 0.05, 1.5, 2)
    over = graph.times(graph.wave(here, 1.0, 0.4, 1, "X"), graph.wave(here, 2.2, 0.4, 1, "Y"))
    straw = graph.noise(graph.stretched(here, (1, 12, 1)), 2, 4, 0.6)
    height = graph.add(over, graph.times(straw, 0.4))
    tone = graph.mix(graph.step(height, 0.1, 0.9), scaled(colour, 0.35), scaled(colour, 1.1))
    return graph.done(graph.surface(tone, 0.7, graph.bump(height, 0.1, 0.9), scaled(colour, 0.7)))
