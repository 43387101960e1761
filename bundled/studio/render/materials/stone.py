"""Stone: marble, terrazzo, granite, slate, travertine, sandstone."""

from typing import Any

from bundled.studio.plan.colours import from_hex, scaled, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.nodes import Graph, Socket

MARBLES = {  # ground, vein
    "white marble": ("efedea", "8d8f93"),
    "black marble": ("131315", "b9b2a4"),
    "green marble": ("173d2f", "a9c2ae"),
    "beige marble": ("dccbb2", "94765a"),
    "grey marble": ("8f9195", "dedede"),
    "pink marble": ("dcb4aa", "96655d"),
}
CHIPS = ("b5623f", "2c4a44", "c9a15c", "7d8a94", "efe9df", "3a3532", "d79a92", "8f6a55")


def marble(rng: SeededRng, kind: str, joints: bool | None = None) -> Any:
    graph = Graph(rng, name=kind)
    ground, vein = map(from_hex, MARBLES[kind])
    here = graph.place(turn=rng.between(0, 3.1), scale=(1, 1.6, 1))
    colour = graph.mix(_veins(graph, here, rng.between(0.5, 1.1)), varied(rng, ground, 0.05), vein)
    normal = None
    if joints if joints is not None else rng.chance(0.25):
        side = rng.between(5, 8)
        _, joint = graph.bricks(graph.place(turn=rng.pick(0, 0.2, -0.3)), side, side, 0.015, offset=0.0)
        colour, normal = graph.mix(joint, colour, scaled(vein, 0.5)), graph.bump(graph.times(joint, -1.0), 0.01)
    return graph.done(
        graph.surface(colour, rng.between(0.06, 0.25), normal, ground, Coat_Weight=0.2, Coat_Roughness=0.05)
    )


def _veins(graph: Graph, here: Socket, size: float) -> Socket:
    warped = graph.warp(here, 1.3 / size, 0.45 * size, 6)
    big = graph.times(
        _vein(graph, warped, 0.35 * size, 0.016, 3), graph.step(graph.noise(here, 0.5 * size, 3), 0.4, 0.66)
    )
    fine = _vein(graph, graph.warp(here, 0.7, 1.1, 5), 1.0 * size, 0.012, 4)
    fine = graph.times(fine, graph.step(graph.noise(here, 0.8 * size, 2), 0.45, 0.65, 0, 0.7))
    halo = graph.times(_vein(graph, warped, 0.35 * size, 0.09, 3), 0.16)
    cloud = graph.step(graph.noise(warped, 0.6 * size, 6, 0.6), 0.4, 0.8, 0, 0.2)
    return graph.math("ADD", graph.math("MAXIMUM", big, fine), graph.add(halo, cloud), clamp=True)


def _vein(graph: Graph, where: Socket, scale: float, width: float, detail: float) -> Socket:
    """A vein runs where the noise crosses its middle."""
    distance = graph.math("ABSOLUTE", graph.less(graph.noise(where, scale, detail, 0.55), 0.5))
    return graph.step(distance, 0.0, width, 1.0, 0.0)


def terrazzo(rng: SeededRng, ground: str | None = None) -> Any:
    graph = Graph(rng, name="terrazzo")
    base = varied(rng, from_hex(ground or rng.pick("e8e4dc", "e8e4dc", "cfc8bf", "3a3a3c", "e3cfc2")), 0.05)
    here = graph.place()
    where = graph.warp(here, 0.15, 2.0)
    size = rng.between(2.0, 3.4)
    chip = graph.grey(graph.cells(where, size, out="Color"))
    colours = [from_hex(code) for code in rng.some(CHIPS, 4)]
    stones = graph.ramp(chip, list(zip((0, 0.42, 0.5, 0.6), colours, strict=True)), "CONSTANT")
    edge = graph.step(graph.cells(where, size, "DISTANCE_TO_EDGE"), 0.06, 0.075)
    inside = graph.times(edge, graph.step(graph.noise(here, 1.7, 1, w=chip), 0.4, 0.45))
    return graph.done(graph.surface(graph.mix(inside, base, stones), 0.22, bounce=base))


def granite(rng: SeededRng, tone: str | None = None) -> Any:
    graph = Graph(rng, name="granite")
    colour = varied(rng, from_hex(tone or rng.pick("8c8a88", "5a5552", "a98f82")))
    here = graph.place()
    grains = graph.grey(graph.cells(here, 14, out="Color"))
    value = graph.add(graph.times(grains, 0.7), graph.times(graph.noise(here, 3, 4), 0.4))
    stops = [(0.3, scaled(colour, 0.2)), (0.45, scaled(colour, 0.8)), (0.7, colour), (0.85, scaled(colour, 1.7))]
    return graph.done(graph.surface(graph.ramp(value, stops), 0.25, bounce=scaled(colour, 0.8)))


def slate(rng: SeededRng, wet: bool = False) -> Any:
    graph = Graph(rng, name="slate")
    colour = varied(rng, from_hex(rng.pick("3c4146", "2e3236", "454545")))
    here = graph.place(turn=rng.between(-0.4, 0.4))
    rough = graph.noise(graph.warp(here, 0.5, 0.7), 0.9, 10, 0.65, 0.6)
    layers = graph.step(graph.math("FRACT", graph.times(graph.noise(here, 0.55, 3), 6.0)), 0, 0.15)
    tone = graph.ramp(rough, [(0.3, scaled(colour, 0.55)), (0.7, scaled(colour, 1.5))])
    height = graph.bump(graph.add(rough, graph.times(layers, 0.06)), 0.12, 0.7)
    if not wet:
        return graph.done(graph.surface(tone, graph.spread(rough, 0.7, 0.4), height, colour))
    puddle = graph.step(graph.noise(here, 0.7, 4), 0.42, 0.6, 0.05, 0.5)
    height = graph.bump(rough, 0.05, 0.4)
    return graph.done(graph.surface(tone, puddle, height, colour, Coat_Weight=1.0, Coat_Roughness=0.04))


def travertine(rng: SeededRng, sandstone: bool = False) -> Any:
    graph = Graph(rng, name="sandstone" if sandstone else "travertine")
    colour = varied(rng, from_hex("c99f6d" if sandstone else "d9c8ac"), 0.08)
    here = graph.place(turn=rng.between(-0.2, 0.2))
    layers = graph.noise(graph.stretched(graph.warp(here, 0.4, 0.6), (0.25, 2.2, 2.2)), 1.3, 7, 0.6)
    holes = graph.step(
        graph.noise(graph.stretched(here, (1.0, 3.0, 3.0)), 2.6, 3, 0.6), 0.62, 0.68, 0, 0.2 if sandstone else 1
    )
    tone = graph.ramp(layers, [(0.3, scaled(colour, 0.75)), (0.5, colour), (0.7, scaled(colour, 1.12))])
    height = graph.bump(graph.less(graph.times(layers, 0.2), holes), 0.05, 0.8)
    return graph.done(graph.surface(graph.mix(holes, tone, scaled(colour, 0.4)), 0.6, height, colour))
