"""Square things: boxes, gifts, books, soap, electronics, toy blocks."""

import math

import numpy as np

from bundled.studio.plan.colours import PAINTS, between, from_hex, paint
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import acrylic, glow, metal
from bundled.studio.render.meshes import box, curve, lathe, rounded, tube
from bundled.studio.render.products import finishes as finish
from bundled.studio.render.products.finishes import any_colour, colour_of
from bundled.studio.render.products.labels import label

PAGES = "eee6d4"


def carton(rng: SeededRng, colour: str) -> None:
    wide, deep, tall = rng.between(0.8, 1.6), rng.between(0.4, 0.9), rng.between(0.8, 1.8)
    shade = colour_of(rng, colour)
    front = finish.card(rng, shade)
    whole = rng.chance(0.5)
    label(
        rng,
        front,
        -0.42 * tall,
        0.42 * tall,
        wide * rng.between(0.3, 0.47),
        flat=True,
        paper=shade if whole else None,
    )
    box((wide, deep, tall), front, (0, 0, tall / 2), 0.012)


def gift_box(rng: SeededRng, colour: str) -> None:
    side, tall = rng.between(0.9, 1.3), rng.between(0.6, 1.0)
    wrap, ribbon = finish.card(rng, colour_of(rng, colour)), finish.glossy(rng, any_colour(rng))
    box((side, side, tall), wrap, (0, 0, tall / 2), 0.015)
    box((side * 1.05, side * 1.05, 0.22), wrap, (0, 0, tall), 0.02)
    for size in ((0.16, side * 1.07, tall + 0.13), (side * 1.07, 0.16, tall + 0.13)):
        box(size, ribbon, (0, 0, (tall + 0.13) / 2 + 0.002), 0.01)
    for lean in (-1, 1):
        loop = [
            (lean * (0.32 * math.sin(t)), 0.06 * lean, tall + 0.14 + 0.2 * (1 - math.cos(t)))
            for t in np.linspace(0, 3.0, 24)
        ]
        tube([*loop, (0, 0, tall + 0.16)], 0.075, ribbon, flat=0.35)


def book(rng: SeededRng, colour: str) -> None:
    wide, tall, thick = rng.between(1.1, 1.4), rng.between(1.6, 2.0), rng.between(0.18, 0.36)
    shade = colour_of(rng, colour)
    cover = finish.card(rng, shade)
    front = label(rng, finish.card(rng, shade), -0.42 * tall, 0.44 * tall, wide * 0.42, flat=True, paper=shade)
    box((wide, 0.03, tall), front, (0, -thick / 2, tall / 2), 0.008)
    box((wide, 0.03, tall), cover, (0, thick / 2, tall / 2), 0.008)
    box((0.03, thick, tall), cover, (-wide / 2, 0, tall / 2), 0.008)
    box((wide - 0.06, thick, tall - 0.08), finish.matte(rng, from_hex(PAGES)), (-0.03, 0, tall / 2), 0)


def book_stack(rng: SeededRng, colour: str) -> None:
    height = 0.0
    for _ in range(rng.whole(2, 4)):
        thick, wide, deep, turn = (
            rng.between(0.16, 0.34),
            rng.between(1.5, 1.9),
            rng.between(1.1, 1.4),
            rng.between(-0.2, 0.2),
        )
        cover = finish.card(rng, any_colour(rng))
        for z in (height + 0.015, height + thick - 0.015):
            box((wide, deep, 0.03), cover, (0, 0, z), 0.008, (0, 0, turn))
        box(
            (wide - 0.08, deep - 0.08, thick - 0.06),
            finish.matte(rng, from_hex(PAGES)),
            (0, 0, height + thick / 2),
            0,
            (0, 0, turn),
        )
        spine = (math.sin(turn) * deep / 2, -math.cos(turn) * deep / 2, height + thick / 2)
        box((wide, 0.03, thick), cover, spine, 0.01, (0, 0, turn))
        height += thick


def soap(rng: SeededRng, colour: str) -> None:
    shade = colour_of(rng, colour)
    bar = label(
        rng,
        finish.wax(rng) if colour == "cream" else finish.matte(rng, shade),
        -0.2,
        0.2,
        0.4,
        flat=True,
        paper=shade,
    )
    box((1.1, 0.7, 0.5), bar, (0, 0, 0.25), 0.16, rounds=6)


def speaker(rng: SeededRng, colour: str) -> None:
    wide, tall = rng.between(0.9, 1.8), rng.between(0.8, 1.1)
    box((wide, 0.7, tall), finish.fabric(rng, colour_of(rng, colour)), (0, 0, tall / 2), 0.16, rounds=6)
    ring, cone = finish.trim(rng), finish.matte(rng, (0.02, 0.02, 0.02))
    for x in (-wide * 0.25, wide * 0.25) if wide > 1.3 else (0.0,):
        for radius, material, depth in ((0.32, ring, 0.36), (0.27, cone, 0.375)):
            disc = lathe([(0, 0), (radius, 0), (radius, 0.03), (0, 0.03)], material, (x, -depth + 0.03, tall * 0.5))
            disc.rotation_euler = (math.pi / 2, 0, 0)


def phone(rng: SeededRng, colour: str) -> None:
    """Leaning back a little on a hidden stand, screen to the front."""
    body = finish.glossy(rng, colour_of(rng, colour))
    lean = (-0.16, 0, 0)
    box((0.78, 0.09, 1.6), body, (0, 0.1, 0.8), 0.045, lean, 5)
    low, high = paint(rng, rng.one_of(sorted(PAINTS))), paint(rng, rng.one_of(sorted(PAINTS)))
    screen = glow(rng, between(low, high), 0.5)
    box((0.71, 0.01, 1.52), screen, (0, 0.055, 0.806), 0.004, lean)
    box((0.2, 0.012, 0.04), finish.matte(rng, (0.01, 0.01, 0.01)), (0, -0.06, 1.5), 0.004, lean)


def camera(rng: SeededRng, colour: str) -> None:
    skin = finish.leather(rng, colour_of(rng, colour))
    top = metal(rng, rng.pick("silver", "dark metal"), 0.3)
    box((1.5, 0.5, 0.72), skin, (0, 0, 0.36), 0.08)
    box((1.5, 0.5, 0.2), top, (0, 0, 0.8), 0.06)
    box((0.5, 0.42, 0.2), top, (0, 0, 0.96), 0.05)
    lens = finish.matte(rng, (0.02, 0.02, 0.02))
    for radius, depth, material in (
        (0.42, 0.3, lens),
        (0.36, 0.5, lens),
        (0.28, 0.52, acrylic(rng, (0.03, 0.04, 0.09))),
    ):
        barrel = lathe(rounded([(0, 0), (radius, 0), (radius, depth), (0, depth)], 0.02), material, (0, -0.2, 0.45))
        barrel.rotation_euler = (math.pi / 2, 0, 0)
    lathe(rounded([(0, 0.9), (0.12, 0.9), (0.12, 1.0), (0, 1.0)], 0.02), top, (0.55, 0, 0))


def toy_blocks(rng: SeededRng, colour: str) -> None:
    size = 0.55
    spots = [(-0.62, 0, 0), (0, 0.05, 0), (0.62, -0.03, 0), (-0.3, 0, 1), (0.32, 0, 1), (0, 0, 2)]
    for x, y, level in spots[: rng.whole(3, 6)]:
        shade = finish.matte(rng, paint(rng, rng.pick("red", "yellow", "blue", "green", "orange", "sky blue", "mint")))
        box((size, size, size), shade, (x, y, size * (level + 0.5)), 0.04, (0, 0, rng.between(-0.2, 0.2)))


def clock(rng: SeededRng, colour: str) -> None:
    case, face = finish.plastic(rng, colour_of(rng, colour)), finish.matte(rng, from_hex("f4f1ea"))
    parts = ((0.62, 0.4, case, 0.0), (0.53, 0.42, face, 0.0))
    for radius, deep, material, _ in parts:
        drum = lathe(
            rounded([(0, 0), (radius, 0), (radius, deep), (0, deep)], 0.05), material, (0, 0.2, 0.72), sides=72
        )
        drum.rotation_euler = (math.pi / 2, 0, 0)
    hand = finish.matte(rng, (0.02, 0.02, 0.02))
    for long, angle in ((0.38, rng.between(0, 6.28)), (0.26, rng.between(0, 6.28))):
        at = (math.sin(angle) * long / 2, -0.235, 0.72 + math.cos(angle) * long / 2)
        box((0.035, 0.02, long), hand, at, 0.005, (0, angle, 0))
    for side in (-1, 1):
        tube([(side * 0.3, 0, 0.2), (side * 0.42, 0, 0.0)], 0.06, case)
        bell = lathe(curve([(0.2, 0), (0.18, 0.1), (0, 0.17)], 12), finish.trim(rng), (side * 0.34, 0, 1.27))
        bell.rotation_euler = (0, side * 0.4, 0)
