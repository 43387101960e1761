"""Even materials: plastic, metal, glass, acrylic, lamps."""

from typing import Any

from bundled.studio.plan.colours import Colour, from_hex
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.nodes import Graph

METALS = {
    "steel": "c5c7c9",
    "brass": "cfa75a",
    "copper": "c47c56",
    "dark metal": "3a3b3d",
    "gold": "d9ac52",
    "silver": "d0d2d4",
}


def plain(rng: SeededRng, colour: Colour, rough: float = 0.6, **inputs: Any) -> Any:
    graph = Graph(rng, name="plain")
    return graph.done(graph.surface(colour, rough, **inputs))


def metal(rng: SeededRng, kind: str, rough: float | None = None, brushed: bool = False) -> Any:
    graph = Graph(rng, name=kind)
    rough = rough if rough is not None else rng.between(0.12, 0.35)
    if not brushed:
        return graph.done(graph.surface(from_hex(METALS[kind]), rough, Metallic=1.0))
    here = graph.stretched(graph.place(turn=rng.pick(0, 1.571)), (0.4, 40, 40))
    lines = graph.noise(here, 1.5, 4, 0.7)
    normal = graph.bump(lines, 0.006, 0.6)
    return graph.done(graph.surface(from_hex(METALS[kind]), graph.spread(lines, 0.2, 0.5), normal, Metallic=1.0))


def acrylic(rng: SeededRng, colour: Colour) -> Any:
    graph = Graph(rng, name="acrylic")
    return graph.done(graph.surface(colour, rng.between(0.1, 0.18), Coat_Weight=0.6, Coat_Roughness=0.05))


def glass(rng: SeededRng, tint: Colour, rough: float = 0.0) -> Any:
    """Clear to shadow and diffuse rays: without caustics, liquid and wax behind glass would turn black."""
    graph = Graph(rng, name="glass")
    solid = graph.surface(tint, rough, Transmission_Weight=1.0, IOR=1.45)
    red, green, blue = (0.5 + 0.45 * c for c in tint)
    clear = graph.node("BsdfTransparent", Color=(red, green, blue)).outputs[0]
    path = graph.node("LightPath").outputs
    return graph.done(graph.blend(graph.math("MAXIMUM", path["Is Shadow Ray"], path["Is Diffuse Ray"]), solid, clear))


def glow(rng: SeededRng, colour: Colour, strength: float) -> Any:
    graph = Graph(rng, name="glow")
    return graph.done(graph.node("Emission", Color=colour, Strength=strength).outputs[0])


def sheer(rng: SeededRng, colour: Colour) -> Any:
    """Curtain cloth: scatters most of the light, lets some straight through."""
    graph = Graph(rng, name="sheer")
    cloth = graph.blend(0.55, graph.surface(colour, 0.9), graph.node("BsdfTranslucent", Color=colour).outputs[0])
    return graph.done(graph.blend(rng.between(0.12, 0.3), cloth, graph.node("BsdfTransparent").outputs[0]))
