"""From the kitchen: mugs, bowls, plates, teapots, glasses, flasks, pans, cutlery, knives."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

import math

import numpy as np

from bundled.studio.plan.colours import from_hex
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import glass, metal
from bundled.studio.render.meshes import box, curve, lathe, rounded, tube
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import colour_of
from bundled.studio.render.products.labels import label
from bundled.studio.render.products.vessels import turned


def mug(rng: SeededRng, colour: str) -> None:
    tall, wide = rng.between(0.9, 1.15), rng.between(0.4, 0.5)
    shade = colour_of(rng, colour)
    body = finish.ceramic(rng, shade)
    if rng.chance(0.35):
        label(rng, body, 0.25 * tall, 0.8 * tall, 0.8, paper=shade)
    foot = wide * rng.between(0.85, 1.0)
    turned(
        [(0, 0), (foot * 0.9, 0), (foot, 0.15), (wide, tall), (wide - 0.05, tall), (foot - 0.08, 0.12), (0, 0.1)], body
    )
    side, handle = rng.sign(), finish.ceramic(rng, shade)
    arc = [
        (side * (wide - 0.03 + 0.34 * math.sin(t)), -0.05 * math.sin(t), tall * 0.5 + 0.3 * math.cos(t))
        for t in np.linspace(0, math.pi, 20)
    ]
    tube(arc, 0.06, handle)
    if rng.chance(0.5):
        lathe(
            [(0, tall * 0.82), (wide - 0.06, tall * 0.82)], finish.glossy(rng, from_hex(rng.pick("2a150a", "5b3a20")))
        )


def bowl(rng: SeededRng, colour: str) -> None:
    wide = rng.between(0.7, 1.0)
    tall = wide * rng.between(0.45, 0.65)
    outline = [(0, 0), (wide * 0.45, 0), (wide * 0.75, tall * 0.35), (wide, tall), (wide * 0.95, tall), (wide * 0.7, tall * 0.4), (wide * 0.35, 0.08), (0, 0.07)]  # fmt: skip
    lathe(
        curve(outline, 56),
        rng.pick(finish.ceramic, finish.ceramic, finish.matte)(rng, colour_of(rng, colour)),
        sides=72,
    )


def plate(rng: SeededRng, colour: str) -> None:
    wide = rng.between(1.1, 1.4)
    outline = [
        (0, 0),
        (wide * 0.6, 0),
        (wide * 0.68, 0.05),
        (wide, 0.14),
        (wide * 0.99, 0.17),
        (wide * 0.66, 0.09),
        (0, 0.07),
    ]
    lathe(rounded(outline, 0.03), finish.ceramic(rng, colour_of(rng, colour)), sides=80)


def teapot(rng: SeededRng, colour: str) -> None:
    wide, body = rng.between(0.55, 0.7), finish.ceramic(rng, colour_of(rng, colour))
    tall = wide * 1.5
    lathe(
        curve(
            [(0, 0), (wide * 0.6, 0), (wide, tall * 0.4), (wide * 0.75, tall * 0.85), (wide * 0.45, tall), (0, tall)],
            40,
        ),
        body,
    )
    lathe(
        curve(
            [(wide * 0.42, tall), (wide * 0.3, tall * 1.1), (0.08, tall * 1.16), (0.13, tall * 1.28), (0, tall * 1.34)],
            24,
        ),
        body,
    )
    side = rng.sign()
    spout = [
        (side * wide * 0.8, 0, tall * 0.35),
        (side * wide * 1.25, 0, tall * 0.55),
        (side * wide * 1.5, 0, tall * 0.95),
    ]
    tube(spout, 0.12, body)
    arc = [
        (-side * (wide * 0.85 + 0.4 * math.sin(t)), 0, tall * 0.5 + 0.36 * math.cos(t))
        for t in np.linspace(0.1, math.pi - 0.1, 18)
    ]
    tube(arc, 0.065, body)


def wine_glass(rng: SeededRng, colour: str) -> None:
    clear, wide, tall = finish.tinted(rng, colour), rng.between(0.36, 0.46), rng.between(1.7, 2.1)
    outline = [(0, 0), (wide * 0.95, 0.0), (wide * 0.9, 0.03), (0.06, 0.1), (0.045, tall * 0.45), (wide * 0.6, tall * 0.54),
               (wide, tall * 0.72), (wide * 0.8, tall), (wide * 0.77, tall), (wide * 0.95, tall * 0.72), (wide * 0.5, tall * 0.56), (0, tall * 0.52)]  # fmt: skip
    lathe(curve(outline, 72), clear, sides=64)
    if rng.chance(0.6):
        wine = glass(rng, rng.pick((0.45, 0.02, 0.06), (0.95, 0.85, 0.5)))
        lathe(curve([(0, tall * 0.54), (wide * 0.5, tall * 0.58), (wide * 0.9, tall * 0.7), (0, tall * 0.7)], 24), wine)


def tumbler(rng: SeededRng, colour: str) -> None:
    wide, tall = rng.between(0.36, 0.46), rng.between(0.9, 1.3)
    clear = finish.tinted(rng, colour)
    turned(
        [(0, 0), (wide * 0.9, 0), (wide, tall), (wide - 0.03, tall), (wide * 0.9 - 0.04, 0.1), (0, 0.1)], clear, 0.03
    )
    if rng.chance(0.6):
        drink = glass(rng, rng.pick((0.95, 0.6, 0.1), (0.97, 0.98, 0.98), (0.75, 0.3, 0.08), (0.9, 0.3, 0.35)))
        turned([(0, 0.11), (wide * 0.86 - 0.03, 0.11), (wide * 0.93, tall * 0.75), (0, tall * 0.75)], drink, 0.02)


def thermos(rng: SeededRng, colour: str) -> None:
    wide, tall = rng.between(0.32, 0.38), rng.between(1.9, 2.3)
    shade = colour_of(rng, colour)
    body = label(rng, finish.matte(rng, shade), tall * 0.3, tall * 0.55, 0.6, paper=shade)
    turned([(0, 0), (wide, 0), (wide, tall * 0.74), (wide * 0.75, tall * 0.8), (0, tall * 0.8)], body, 0.06)
    turned([(0, tall * 0.8), (wide * 0.78, tall * 0.8), (wide * 0.78, tall), (0, tall)], finish.cap(rng), 0.06)
    turned(
        [(0, tall * 0.79), (wide * 0.8, tall * 0.79), (wide * 0.8, tall * 0.82), (0, tall * 0.82)],
        metal(rng, "steel"),
        0.01,
    )


def frying_pan(rng: SeededRng, colour: str) -> None:
    wide = rng.between(1.0, 1.2)
    outside = finish.matte(rng, colour_of(rng, colour))
    turned(
        [(0, 0), (wide * 0.85, 0), (wide, 0.3), (wide - 0.05, 0.3), (wide * 0.82, 0.06), (0, 0.05)], outside, 0.04, 72
    )
    grip = finish.timber(rng) if rng.chance(0.6) else finish.matte(rng, (0.02, 0.02, 0.02))
    tube([(wide * 0.95, 0, 0.26), (wide * 1.3, 0, 0.36), (wide * 2.0, 0, 0.42)], 0.1, grip, flat=0.6)


def cutlery(rng: SeededRng, colour: str) -> None:
    shine = metal(rng, colour, 0.15) if colour != "black" else finish.glossy(rng, (0.02, 0.02, 0.02))
    for i, kind in enumerate(("fork", "knife", "spoon")):
        x = (i - 1) * 0.5
        tube([(x, -1.1, 0.05), (x, -0.3, 0.05), (x, 0.3, 0.08)], 0.06, shine, flat=1.3)
        if kind == "knife":
            box((0.16, 0.95, 0.03), shine, (x, 0.72, 0.08), 0.014)
        elif kind == "spoon":
            lathe(
                curve([(0, 0), (0.15, 0.03), (0.2, 0.08), (0.17, 0.08), (0, 0.03)], 16), shine, (x, 0.62, 0.02)
            ).scale = (1, 1.6, 1)
        else:
            box((0.2, 0.22, 0.03), shine, (x, 0.42, 0.09), 0.014)
            for tine in (-0.075, -0.025, 0.025, 0.075):
                box((0.025, 0.5, 0.025), shine, (x + tine, 0.74, 0.1), 0.01)


def knife(rng: SeededRng, colour: str) -> None:
    blade = box((1.9, 0.36, 0.03), metal(rng, "steel", 0.18), (0.5, 0, 0.06), 0.005)
    for corner in blade.data.vertices:  # the edge rises to a point
        reach = max(0.0, corner.co.x + 0.2)
        if corner.co.y < 0:
            corner.co.y += 0.14 * reach**2
    grip = finish.timber(rng) if colour == "brown" else finish.matte(rng, (0.02, 0.02, 0.02))
    box((0.95, 0.22, 0.14), grip, (-0.9, 0.06, 0.07), 0.05)
    for x in (-1.15, -0.9, -0.65):
        turned_pin = lathe(
            [(0, 0.13), (0.03, 0.13), (0.03, 0.148), (0, 0.148)], metal(rng, "steel"), (x, 0.06, 0), sides=12
        )
        turned_pin.name = "rivet"
