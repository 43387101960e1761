"""Sport, play and tools: balls, dumbbells, toy cars, teddy bears, hammers, brushes."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex, scaled
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import acrylic, metal
from bundled.studio.render.meshes import box, curve, lathe, rounded, tube
from bundled.studio.render.nodes import Graph
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import any_colour, colour_of


def sphere(radius: float, material: object, at: tuple[float, float, float], squash: float = 1.0) -> Any:
    arc = [(radius * math.sin(t), -radius * math.cos(t) * squash) for t in np.linspace(0, math.pi, 28)]
    return lathe(arc, material, at, sides=48)


def ball(rng: SeededRng, colour: str) -> None:
    """A beach ball's slices, or one colour with seams."""
    radius = rng.between(0.7, 1.0)
    graph = Graph(rng, name="ball")
    x, y, _ = graph.xyz()
    angle = graph.times(graph.math("ARCTAN2", x, y), rng.pick(3, 4) / math.pi)
    shade, other = colour_of(rng, colour), rng.pick((0.85, 0.85, 0.83), any_colour(rng))
    half = graph.math("FRACT", angle)
    if rng.chance(0.5):
        tone = graph.mix(graph.math("GREATER_THAN", half, 0.5), shade, other)
    else:
        seam = graph.math("LESS_THAN", graph.math("ABSOLUTE", graph.less(half, 0.5)), 0.03)
        tone = graph.mix(seam, shade, scaled(shade, 0.15))
    skin = graph.done(graph.surface(tone, rng.between(0.2, 0.6)))
    body = sphere(radius, skin, (0, 0, radius))
    body.rotation_euler = (rng.between(-0.9, 0.9), rng.between(-0.9, 0.9), 0)


def dumbbell(rng: SeededRng, colour: str) -> None:
    weight, bar = finish.matte(rng, colour_of(rng, colour)), metal(rng, "steel", 0.25)
    radius = rng.between(0.36, 0.46)
    for side in (-1, 1):
        disc = lathe(
            rounded([(0, -0.25), (radius, -0.25), (radius, 0.25), (0, 0.25)], 0.07),
            weight,
            (side * 0.72, 0, radius),
            sides=rng.pick(6, 8, 48),
        )
        disc.rotation_euler = (0, math.pi / 2, 0)
    tube([(-0.6, 0, radius), (0, 0, radius), (0.6, 0, radius)], 0.12, bar, sides=24)


def toy_car(rng: SeededRng, colour: str) -> None:
    body, wheel = finish.glossy(rng, colour_of(rng, colour)), finish.matte(rng, (0.02, 0.02, 0.02))
    box((2.0, 0.9, 0.42), body, (0, 0, 0.44), 0.16, rounds=6)
    box((1.05, 0.78, 0.5), body, (-0.08, 0, 0.8), 0.1, rounds=6)
    box((0.8, 0.8, 0.24), acrylic(rng, (0.05, 0.07, 0.1)), (-0.08, 0, 0.83), 0.06)
    box((1.07, 0.6, 0.24), acrylic(rng, (0.05, 0.07, 0.1)), (-0.08, 0, 0.83), 0.06)
    for x in (-0.6, 0.6):
        for side in (-1, 1):
            tyre = lathe(
                rounded([(0, 0), (0.26, 0), (0.26, 0.18), (0, 0.18)], 0.05), wheel, (x, side * 0.42 + 0.09, 0.26)
            )
            tyre.rotation_euler = (math.pi / 2, 0, 0)
            hub = lathe([(0, 0), (0.13, 0), (0.13, 0.2), (0, 0.2)], metal(rng, "silver"), (x, side * 0.43 + 0.1, 0.26))
            hub.rotation_euler = (math.pi / 2, 0, 0)
    for y in (-0.28, 0.28):
        sphere(0.09, acrylic(rng, (0.9, 0.88, 0.75)), (0.97, y, 0.5))


def teddy(rng: SeededRng, colour: str) -> None:
    fur = finish.plush(rng, colour_of(rng, colour))
    pale, dark = finish.plush(rng, scaled(colour_of(rng, colour), 1.35)), finish.glossy(rng, (0.01, 0.01, 0.01))
    for radius, at, material in (
        (0.58, (0, 0, 0.6), fur),
        (0.46, (0, -0.03, 1.42), fur),
        (0.2, (0, -0.42, 1.32), pale),
        (0.4, (0, -0.27, 0.6), pale),
    ):
        sphere(radius, material, at)
    for side in (-1, 1):
        sphere(0.17, fur, (side * 0.36, 0, 1.78))
        sphere(0.26, fur, (side * 0.5, -0.45, 0.24))
        tube([(side * 0.45, 0, 1.0), (side * 0.68, -0.15, 0.75), (side * 0.7, -0.3, 0.5)], 0.18, fur)
        sphere(0.19, fur, (side * 0.7, -0.32, 0.47))
        sphere(0.055, dark, (side * 0.17, -0.44, 1.53))
    sphere(0.075, dark, (0, -0.61, 1.37), 0.7)


def hammer(rng: SeededRng, colour: str) -> None:
    grip = finish.timber(rng) if colour == "brown" else finish.matte(rng, colour_of(rng, colour))
    tube([(-1.2, 0, 0.14), (-0.5, 0, 0.13), (0.9, 0, 0.13)], 0.11, grip, sides=20, flat=0.8)
    steel = metal(rng, "dark metal", 0.3)
    box((0.26, 0.5, 0.26), steel, (0.95, -0.1, 0.15), 0.04)
    head = lathe(rounded([(0, 0), (0.17, 0), (0.17, 0.28), (0, 0.28)], 0.03), steel, (0.95, -0.3, 0.16))
    head.rotation_euler = (math.pi / 2, 0, 0)
    for side in (-0.06, 0.06):
        tube(
            [(0.95 + side, 0.12, 0.18), (0.95 + side * 1.5, 0.45, 0.2), (0.95 + side * 1.8, 0.7, 0.1)],
            0.06,
            steel,
            flat=0.8,
        )


def brush(rng: SeededRng, colour: str) -> None:
    grip = finish.timber(rng) if colour == "brown" else finish.glossy(rng, colour_of(rng, colour))
    lathe(
        curve([(0, -1.3), (0.09, -1.2), (0.07, -0.7), (0.15, -0.2), (0.2, 0.0), (0, 0.0)], 40), grip, (0, 0, 0.12)
    ).rotation_euler = (-math.pi / 2, 0, 0.5)
    turn = 0.5
    at = (-math.sin(turn) * 0.2, math.cos(turn) * 0.2, 0.12)
    box((0.5, 0.42, 0.18), metal(rng, "steel", 0.3), at, 0.02, (0, 0, turn))
    hair = finish.fabric(rng, from_hex(rng.pick("3a2a1d", "d9c6a0", "151517")))
    box((0.48, 0.6, 0.14), hair, (-math.sin(turn) * 0.68, math.cos(turn) * 0.68, 0.12), 0.05, (0, 0, turn))
