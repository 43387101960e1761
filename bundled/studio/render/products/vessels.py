"""Turned on the lathe: bottles, jars, cups, glasses, cans, candles, vases."""

import math
from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex, scaled
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import glass, metal
from bundled.studio.render.meshes import curve, lathe, mesh_of, put, rounded, tube
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import colour_of
from bundled.studio.render.products.labels import label


def turned(points: list[tuple[float, float]], material: Any, radius: float = 0.05, sides: int = 56) -> Any:
    return lathe(rounded(points, radius), material, sides=sides)


def bottle(rng: SeededRng, colour: str) -> None:
    body = finish.plastic(rng, colour_of(rng, colour))
    tall, wide = rng.between(1.9, 2.6), rng.between(0.3, 0.42)
    _bottle(rng, label(rng, body, 0.15 * tall, 0.48 * tall, rng.between(0.9, 1.5)), tall, wide)


def glass_bottle(rng: SeededRng, colour: str) -> None:
    body = finish.tinted(rng, colour)
    tall, wide = rng.between(1.9, 2.6), rng.between(0.3, 0.4)
    _bottle(rng, label(rng, body, 0.15 * tall, 0.48 * tall, rng.between(0.9, 1.5)), tall, wide)
    liquid = glass(rng, scaled(finish.TINTS[colour], 0.9))
    turned([(0, 0.04), (wide * 0.93, 0.04), (wide * 0.93, tall * 0.58), (0, tall * 0.62)], liquid, 0.06)


def _bottle(rng: SeededRng, body: Any, tall: float, wide: float) -> None:
    neck, shoulder = rng.between(0.11, 0.15), rng.between(0.58, 0.7) * tall
    upper = curve(
        [
            (wide, shoulder),
            (wide * 0.97, shoulder + 0.08 * tall),
            (neck * 1.5, shoulder + 0.2 * tall),
            (neck, shoulder + 0.26 * tall),
            (neck, tall * 0.97),
        ],
        24,
    )
    lower = rounded([(0, 0), (wide, 0), (wide, shoulder)], 0.06)[:-1]
    lathe([*lower, *upper, (neck, tall * 0.97), (0, tall * 0.97)], body, sides=56)
    turned(
        [(0, tall * 0.91), (neck * 1.3, tall * 0.91), (neck * 1.3, tall * 1.04), (0, tall * 1.04)],
        finish.cap(rng),
        0.02,
    )


def jar(rng: SeededRng, colour: str) -> None:
    tall, wide = rng.between(0.7, 1.1), rng.between(0.5, 0.75)
    shade = colour_of(rng, colour)
    body = rng.pick(finish.glossy, finish.matte, finish.ceramic)(rng, shade)
    body = label(rng, body, 0.1 * tall, 0.6 * tall, rng.between(0.6, 1.0), paper=shade if rng.chance(0.5) else None)
    turned([(0, 0), (wide, 0), (wide, tall * 0.7), (wide * 0.9, tall * 0.72), (0, tall * 0.72)], body, 0.08)
    turned([(0, tall * 0.73), (wide * 1.02, tall * 0.73), (wide * 1.02, tall), (0, tall)], finish.cap(rng), 0.05)


def dropper(rng: SeededRng, colour: str) -> None:
    tall, wide = rng.between(1.1, 1.5), rng.between(0.28, 0.36)
    clear = colour in finish.TINTS
    body = finish.tinted(rng, colour) if clear else finish.matte(rng, colour_of(rng, colour))
    label(rng, body, 0.15 * tall, 0.6 * tall, rng.between(0.8, 1.2))
    turned([(0, 0), (wide, 0), (wide, tall * 0.75), (0.15, tall * 0.85), (0.15, tall * 0.95), (0, tall * 0.95)], body)
    if clear:
        turned(
            [(0, 0.05), (wide * 0.9, 0.05), (wide * 0.9, tall * 0.6), (0, tall * 0.6)],
            glass(rng, scaled(finish.TINTS[colour], 0.9)),
        )
    turned([(0, tall * 0.87), (0.19, tall * 0.87), (0.19, tall * 1.05), (0, tall * 1.05)], finish.trim(rng), 0.02)
    bulb = [(0.1, tall * 1.05), (0.12, tall * 1.15), (0.11, tall * 1.3), (0.05, tall * 1.38), (0, tall * 1.39)]
    lathe(curve(bulb, 16), finish.matte(rng, from_hex(rng.pick("101012", "f1efea"))))


def perfume(rng: SeededRng, colour: str) -> None:
    tall, wide = rng.between(0.9, 1.3), rng.between(0.42, 0.56)
    power = rng.pick(2.0, 5.0, 9.0)
    shell = label(rng, glass(rng, finish.TINTS["clear"]), 0.22 * tall, 0.6 * tall, wide * 0.55, flat=True)
    flat = rng.between(0.5, 0.7) if power > 2 else 1.0
    lathe(
        rounded([(0, 0), (wide, 0), (wide, tall * 0.92), (wide * 0.4, tall), (0, tall)], 0.07),
        shell,
        sides=72,
        power=power,
        flat=flat,
    )
    fill = tall * rng.between(0.5, 0.8)
    inner = glass(rng, finish.TINTS[colour])
    lathe(
        rounded([(0, 0.09), (wide * 0.87, 0.09), (wide * 0.87, fill), (0, fill)], 0.05),
        inner,
        sides=72,
        power=power,
        flat=flat,
    )
    cap = finish.cap(rng)
    turned([(0, tall), (0.13, tall), (0.13, tall + 0.12), (0, tall + 0.12)], cap, 0.01)
    turned([(0, tall + 0.1), (0.23, tall + 0.1), (0.23, tall + 0.5), (0, tall + 0.5)], cap, 0.04)


def pump_bottle(rng: SeededRng, colour: str) -> None:
    tall, wide = rng.between(1.4, 1.9), rng.between(0.36, 0.46)
    shade = colour_of(rng, colour)
    body = label(rng, finish.matte(rng, shade), 0.15 * tall, 0.7 * tall, 0.9, paper=shade if rng.chance(0.6) else None)
    turned([(0, 0), (wide, 0), (wide, tall * 0.9), (wide * 0.4, tall), (0, tall)], body, 0.12)
    head = finish.cap(rng)
    turned(
        [(0, tall), (0.17, tall), (0.17, tall + 0.16), (0.06, tall + 0.17), (0.06, tall + 0.4), (0, tall + 0.4)],
        head,
        0.02,
    )
    side = rng.sign()
    tube([(-side * 0.12, 0, tall + 0.44), (side * 0.3, 0, tall + 0.44), (side * 0.46, 0, tall + 0.36)], 0.06, head)


def cosmetic_tube(rng: SeededRng, colour: str) -> None:
    """Round at the cap, pressed flat at the end."""
    tall, wide = rng.between(1.6, 2.1), rng.between(0.28, 0.38)
    shade = colour_of(rng, colour)
    body = label(rng, finish.plastic(rng, shade), 0.45, tall * 0.88, wide * 0.8, flat=True, paper=shade)
    heights, sides = np.linspace(0.28, tall, 24), 48
    points, faces = [], list[tuple[int, ...]]()
    for z in heights:
        t = (z - 0.28) / (tall - 0.28)
        across, deep = wide * (1 + 0.25 * t), wide * (1 - t**1.6) + 0.015
        points += [
            (across * math.cos(a), deep * math.sin(a), z) for a in np.linspace(0, 2 * math.pi, sides, endpoint=False)
        ]
    for j in range(len(heights) - 1):
        faces += [
            (j * sides + k, j * sides + (k + 1) % sides, (j + 1) * sides + (k + 1) % sides, (j + 1) * sides + k)
            for k in range(sides)
        ]
    faces.append(tuple((len(heights) - 1) * sides + k for k in range(sides)))
    put(mesh_of(points, faces, smooth=True), body)
    turned([(0, 0), (wide * 0.9, 0), (wide * 0.92, 0.28), (0, 0.28)], finish.cap(rng), 0.03)


def lipstick(rng: SeededRng, colour: str) -> None:
    wide, low, high = rng.between(0.22, 0.3), rng.between(0.45, 0.75), rng.between(0.8, 1.05)
    shell = finish.glossy(rng, from_hex(rng.pick("101012", "f1efea", "6a1f2a", "c9a15c", "23345a", "d8a8a4")))
    section = rng.pick(2.0, 2.0, 7.0)
    lathe(rounded([(0, 0), (wide, 0), (wide, low), (0, low)], 0.02), shell, sides=64, power=section)
    sleeve = [(0, low), (0.84 * wide, low), (0.84 * wide, high), (0, high)]
    lathe(rounded(sleeve, 0.02), finish.trim(rng), sides=64, power=section)
    tip, slant = high + rng.between(0.4, 0.6), rng.between(0.3, 0.75)
    bullet = [(0, high), (0.65 * wide, high), (0.65 * wide, tip - 0.15), (0.38 * wide, tip), (0, tip)]
    stick = lathe(rounded(bullet, 0.06), finish.glossy(rng, colour_of(rng, colour)))
    for corner in stick.data.vertices:  # cut askew
        if corner.co.z > tip - 0.3:
            corner.co.z += slant * corner.co.x


def candle(rng: SeededRng, colour: str) -> None:
    wide, tall = rng.between(0.42, 0.55), rng.between(0.8, 1.1)
    pot = rng.pick(finish.ceramic, finish.matte)(rng, colour_of(rng, colour))
    label(rng, pot, 0.25 * tall, 0.7 * tall, 0.7)
    turned(
        [(0, 0), (wide, 0), (wide, tall), (wide - 0.05, tall), (wide - 0.05, tall * 0.7), (0, tall * 0.7)], pot, 0.03
    )
    _wax(rng, wide, tall)


def glass_candle(rng: SeededRng, colour: str) -> None:
    wide, tall = rng.between(0.42, 0.55), rng.between(0.8, 1.1)
    pot = label(rng, finish.tinted(rng, colour), 0.25 * tall, 0.62 * tall, 0.7)
    turned([(0, 0), (wide, 0), (wide, tall), (wide - 0.03, tall), (wide - 0.03, 0.06), (0, 0.06)], pot, 0.03)
    _wax(rng, wide, tall)


def _wax(rng: SeededRng, wide: float, tall: float) -> None:
    turned([(0, 0.07), (wide - 0.05, 0.07), (wide - 0.05, tall * 0.72), (0, tall * 0.74)], finish.wax(rng), 0.02)
    turned(
        [(0, tall * 0.7), (0.015, tall * 0.7), (0.015, tall * 0.7 + 0.14), (0, tall * 0.7 + 0.14)],
        finish.matte(rng, (0.02, 0.02, 0.02)),
        0.0,
        8,
    )


def can(rng: SeededRng, colour: str) -> None:
    rng.pick(_drink_can, _drink_can, _food_tin)(rng, colour_of(rng, colour))


def _drink_can(rng: SeededRng, shade: Any) -> None:
    """Slim or stout, drawn in at both ends."""
    wide, tall = rng.between(0.28, 0.38), rng.between(1.1, 1.6)
    steel = metal(rng, "steel")
    turned([(0, 0.03), (wide * 0.8, 0), (wide, 0.1), (wide, 0.1 * tall)], steel, 0.03)
    body = label(rng, finish.glossy(rng, shade), 0.2 * tall, 0.8 * tall, 1.2, paper=shade)
    turned([(wide, 0.09 * tall), (wide, tall * 0.91)], body, 0.0)
    neck = [(wide, tall * 0.9), (wide * 0.82, tall), (wide * 0.78, tall - 0.03), (0, tall - 0.04)]
    turned(neck, steel, 0.02)


def _food_tin(rng: SeededRng, shade: Any) -> None:
    """Straight, with a rim at both ends and a paper label between beads."""
    wide, tall = rng.between(0.42, 0.58), rng.between(0.6, 1.2)
    steel = metal(rng, rng.pick("steel", "steel", "brass"), rough=0.2)
    rim = [(0, 0), (wide * 1.03, 0), (wide * 1.03, 0.05), (wide, 0.07), (wide, tall - 0.07), (wide * 1.03, tall - 0.05)]
    turned([*rim, (wide * 1.03, tall), (wide * 0.97, tall), (wide * 0.95, tall - 0.05), (0, tall - 0.05)], steel, 0.012)
    wrap = label(rng, finish.matte(rng, shade), 0.2 * tall, 0.8 * tall, 1.2, paper=shade)
    turned([(wide + 0.008, 0.1), (wide + 0.008, tall - 0.1)], wrap, 0.0)


def vase(rng: SeededRng, colour: str) -> None:
    tall, wide = rng.between(1.6, 2.3), rng.between(0.45, 0.7)
    outline = [
        (0, 0),
        (wide * 0.55, 0),
        (wide * rng.between(0.8, 1), tall * rng.between(0.2, 0.3)),
        (wide * rng.between(0.6, 1), tall * 0.55),
        (wide * 0.3, tall * 0.82),
        (wide * rng.between(0.35, 0.5), tall),
        (wide * 0.3, tall * 0.99),
        (wide * 0.25, tall * 0.85),
        (0, tall * 0.8),
    ]
    lathe(curve(outline, 64), rng.pick(finish.ceramic, finish.matte)(rng, colour_of(rng, colour)), sides=72)
