"""Backdrops indoors, schematic because they stay out of focus: window, shelf, kitchen, living room, bathroom."""

import cv2
import numpy as np

from bundled.quick.drawing.colours import Picture, any_word, shade_of
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.strokes import box, plain, rgb
from bundled.quick.materials import masonry
from bundled.quick.scenery import landscapes


def window(rng: Rng, side: int) -> Picture:
    wall = shade_of(("white", "cream", "light grey", "beige")[int(rng.integers(4))], rng)
    canvas, outside = (
        plain(wall * 0.86, side),
        landscapes.garden(rng, side) * 0.5 + 0.5 if rng.random() < 0.5 else landscapes.sky(rng, side) * 0.45 + 0.55,
    )
    x, y, w, h = rng.uniform(0.02, 0.35), rng.uniform(-0.1, 0.12), rng.uniform(0.45, 0.75), rng.uniform(0.5, 0.7)
    box(canvas, x - 0.025, y - 0.025, w + 0.05, h + 0.05, rgb(0.97, 0.97, 0.96))
    a, b, c, d = (max(0, round(v * side)) for v in (x, y, x + w, y + h))
    canvas[b:d, a:c] = outside[b:d, a:c]
    for k in range(1, int(rng.integers(2, 5))):
        box(canvas, x + w * k / 3, y, 0.018, h, rgb(0.95, 0.95, 0.94))
    box(canvas, x, y + h * 0.5, w, 0.018, rgb(0.95, 0.95, 0.94))
    return canvas


def shelf(rng: Rng, side: int) -> Picture:
    canvas = plain(shade_of(("brown", "white", "beige", "dark grey")[int(rng.integers(4))], rng) * 0.7, side)
    rows = int(rng.integers(3, 5))
    for row in range(rows):
        foot, x = (row + 1) / rows - 0.03, rng.uniform(0, 0.06)
        while x < 1:
            width, height = rng.uniform(0.02, 0.06), (0.85 / rows) * rng.uniform(0.5, 0.95)
            if rng.random() < 0.85:
                box(canvas, x, foot - height, width, height, shade_of(any_word(rng), rng) * 0.85)
            x += width + (0.004 if rng.random() < 0.85 else rng.uniform(0.04, 0.12))
        box(canvas, 0, foot, 1, 0.03, shade_of("brown", rng) * 1.2)
    return np.clip(canvas, 0, 1)


def kitchen(rng: Rng, side: int) -> Picture:
    canvas = plain(shade_of(("white", "cream", "light grey", "sage", "light blue")[int(rng.integers(5))], rng), side)
    front = shade_of(("white", "light grey", "navy", "sage", "brown", "dark green")[int(rng.integers(6))], rng)
    for x in np.arange(rng.uniform(-0.1, 0), 1, 0.26):  # wall cupboards, then a counter with things on it
        box(canvas, float(x), 0, 0.25, 0.24, front)
        box(canvas, float(x) + 0.11, 0.20, 0.03, 0.012, rgb(0.75, 0.7, 0.6))
    for _ in range(int(rng.integers(4, 9))):
        height = rng.uniform(0.06, 0.2)
        box(canvas, rng.uniform(0, 1), 0.58 - height, rng.uniform(0.03, 0.1), height, shade_of(any_word(rng), rng))
    box(canvas, 0, 0.58, 1, 0.03, rgb(0.75, 0.6, 0.42) if rng.random() < 0.5 else rgb(0.9, 0.9, 0.9))
    box(canvas, 0, 0.61, 1, 0.4, front * 0.92)
    if rng.random() < 0.5:
        box(canvas, rng.uniform(0, 0.7), 0.05, 0.28, 0.40, rgb(0.98, 0.99, 1))
    return canvas


def living_room(rng: Rng, side: int) -> Picture:
    canvas = plain(
        shade_of(("white", "cream", "beige", "light grey", "sage", "teal")[int(rng.integers(6))], rng) * 0.95, side
    )
    sofa, left = shade_of(any_word(rng), rng), rng.uniform(-0.15, 0.3)
    box(canvas, 0, 0.72, 1, 0.28, shade_of("brown", rng) * 1.35)
    box(canvas, left, 0.42, 0.75, 0.2, sofa * 0.9)
    box(canvas, left - 0.05, 0.55, 0.85, 0.2, sofa)
    for _ in range(int(rng.integers(1, 4))):
        box(canvas, left + rng.uniform(0, 0.6), 0.43, 0.13, 0.13, shade_of(any_word(rng), rng))
    box(canvas, rng.uniform(0, 0.7), 0.08, rng.uniform(0.12, 0.25), 0.22, shade_of(any_word(rng), rng))
    if rng.random() < 0.6:
        lamp = rng.uniform(0.02, 0.9)
        box(canvas, lamp, 0.2, 0.11, 0.1, rgb(1, 0.88, 0.62))
        box(canvas, lamp + 0.05, 0.3, 0.012, 0.4, rgb(0.2, 0.18, 0.15))
    if rng.random() < 0.5:
        plant = int(side * rng.uniform(0.05, 0.9))
        cv2.ellipse(
            canvas, (plant, int(side * 0.45)), (side // 11, side // 7), 0, 0, 360, (0.18, 0.36, 0.14), -1, cv2.LINE_AA
        )
    return np.clip(canvas, 0, 1)


def bathroom(rng: Rng, side: int) -> Picture:
    word = ("white", "light grey", "mint", "light blue", "beige", "teal")[int(rng.integers(6))]
    canvas = masonry.tiles(word)(rng, side)
    if rng.random() < 0.7:
        centre = (int(side * rng.uniform(0.2, 0.8)), int(side * 0.22))
        cv2.ellipse(
            canvas, centre, (int(side * 0.16), int(side * 0.19)), 0, 0, 360, (0.86, 0.92, 0.94), -1, cv2.LINE_AA
        )
    box(canvas, rng.uniform(-0.1, 0.5), 0.60, 0.6, 0.12, rgb(0.97, 0.97, 0.96))
    for _ in range(int(rng.integers(1, 4))):
        box(canvas, rng.uniform(0, 0.9), 0.48, 0.05, 0.12, shade_of(any_word(rng), rng))
    return canvas
