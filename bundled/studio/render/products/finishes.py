"""What products are made of."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

from typing import Any

from bundled.studio.plan.colours import PAINTS, Colour, from_hex, scaled, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials import soft
from bundled.studio.render.materials.plain import METALS, glass, metal, plain
from bundled.studio.render.nodes import Graph

TINTS = {"clear": (0.97, 0.98, 0.98), "amber": (0.8, 0.36, 0.06), "green": (0.25, 0.55, 0.3), "blue": (0.25, 0.45, 0.85),
         "pink": (0.98, 0.66, 0.72)}  # fmt: skip


def colour_of(rng: SeededRng, name: str) -> Colour:
    if name in METALS:
        return from_hex(METALS[name])
    return varied(rng, from_hex(PAINTS.get(name, "8e8f91")), 0.08)


def any_colour(rng: SeededRng) -> Colour:
    return varied(rng, from_hex(PAINTS[rng.one_of(sorted(PAINTS))]), 0.08)


def glossy(rng: SeededRng, colour: Colour) -> Any:
    return plain(rng, colour, rng.between(0.08, 0.2), Coat_Weight=0.4)


def matte(rng: SeededRng, colour: Colour) -> Any:
    return plain(rng, colour, rng.between(0.45, 0.7))


def plastic(rng: SeededRng, colour: Colour) -> Any:
    return rng.pick(glossy, matte)(rng, colour)


def ceramic(rng: SeededRng, colour: Colour) -> Any:
    """Glazed; half of them speckled."""
    graph = Graph(rng, name="ceramic")
    specks = graph.step(graph.noise(graph.place(), 22, 2, 0.7), 0.66, 0.7)
    tone = graph.mix(specks, colour, scaled(colour, 0.35)) if rng.chance(0.4) else colour
    return graph.done(graph.surface(tone, rng.between(0.1, 0.35), Coat_Weight=0.4))


def leather(rng: SeededRng, colour: Colour) -> Any:
    return soft.leather(rng, colour, 26)


def fabric(rng: SeededRng, colour: Colour) -> Any:
    graph = Graph(rng, name="fabric")
    here = graph.place()
    weave = graph.math("MAXIMUM", graph.wave(here, 14, 0.4, axis="X"), graph.wave(here, 14, 0.4, axis="Z"))
    tone = graph.mix(weave, scaled(colour, 0.7), scaled(colour, 1.05))
    return graph.done(graph.surface(tone, 0.95, graph.bump(weave, 0.015, 0.6), Sheen_Weight=0.3))


def plush(rng: SeededRng, colour: Colour) -> Any:
    graph = Graph(rng, name="plush")
    curls = graph.noise(graph.place(), 9, 5, 0.7)
    tone = graph.mix(graph.step(curls, 0.3, 0.7), scaled(colour, 0.6), scaled(colour, 1.1))
    return graph.done(graph.surface(tone, 1.0, graph.bump(curls, 0.12, 0.8), Sheen_Weight=0.6))


def card(rng: SeededRng, colour: Colour) -> Any:
    return plain(rng, colour, rng.between(0.35, 0.65))


def timber(rng: SeededRng, colour: Colour | None = None) -> Any:
    graph = Graph(rng, name="timber")
    colour = colour or from_hex(rng.pick("a8794c", "6b4830", "c9a271"))
    grain = graph.noise(graph.place(scale=(1, 1, 0.2)), 5, 6, 0.6, 1.0)
    tone = graph.mix(graph.step(grain, 0.3, 0.7), scaled(colour, 0.65), scaled(colour, 1.08))
    return graph.done(graph.surface(tone, 0.45))


def wax(rng: SeededRng) -> Any:
    return plain(rng, from_hex("f3e8d0"), 0.4, Subsurface_Weight=0.4, Subsurface_Scale=0.15)


def tinted(rng: SeededRng, name: str) -> Any:
    return glass(rng, TINTS.get(name, TINTS["clear"]))


def trim(rng: SeededRng) -> Any:
    """Caps, buckles, knobs."""
    return metal(rng, rng.pick("gold", "silver", "steel", "dark metal", "copper"))


def cap(rng: SeededRng) -> Any:
    choice = rng.whole(0, 3)
    if choice == 0:
        return trim(rng)
    return timber(rng) if choice == 1 else matte(rng, from_hex(rng.pick("101012", "f1efea", "d8c5a8", "3a3a3c")))
