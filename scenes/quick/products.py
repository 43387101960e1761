"""Paints a product from its parts: unlit colour with form shading, its own studio light or none, and its exact
alpha."""

from dataclasses import dataclass

import cv2
import numpy as np

from scenes.quick.colours import Picture, any_word, shade_of
from scenes.quick.goods import SHAPES
from scenes.quick.outlines import Part, Rng

OVERSAMPLING = 3  # masks are filled this much finer and averaged: alpha is exact to 1/9 of a pixel


@dataclass(frozen=True)
class Product:
    """A painted product in the frame: colour (size x size x 3), alpha (size x size) and where it stands."""

    image: Picture
    alpha: Picture
    kind: str
    word: str
    colour: str
    base_y: float  # px, the line it stands on
    centre_x: float  # px
    half_width: float  # px


def paint(
    rng: Rng, size: int, base_y: float, height: float, *, light_x: float, kind: str = "", colour: str = ""
) -> Product:
    """One product standing at `base_y` (px), `height` px tall; `light_x` is -1 (from the left) .. 1 (from the
    right)."""
    kind = kind or list(SHAPES)[int(rng.integers(len(SHAPES)))]
    shape, words = SHAPES[kind]
    colour = colour or any_word(rng)
    parts, inks = shape(rng), _inks(colour, rng)
    scale, centre = _fitted(parts, height, size, rng)
    image, alpha = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    image[:] = inks["main"]
    gloss = float(rng.uniform(0, 0.35))
    for part in parts:
        outline_px = (part.outline * (scale, -scale) + (centre, base_y)).astype(np.float32)
        _add(image, alpha, part, outline_px, scale, inks[part.ink], light_x, gloss)
    extent = np.concatenate([part.outline[:, 0] for part in parts])
    return Product(
        image,
        alpha,
        kind,
        words[int(rng.integers(len(words)))],
        colour,
        base_y,
        centre,
        float(np.ptp(extent)) * scale / 2,
    )


def _inks(colour: str, rng: Rng) -> dict[str, Picture]:
    metal = ((0.80, 0.80, 0.82), (0.86, 0.70, 0.40), (0.83, 0.60, 0.52))[int(rng.integers(3))]
    return {
        "main": shade_of(colour, rng),
        "second": shade_of(any_word(rng), rng),
        "dark": shade_of("dark grey", rng),
        "light": shade_of("white", rng),
        "metal": np.asarray(metal, np.float32),
        "leaf": shade_of("green", rng) * 0.8,
    }


def _fitted(parts: list[Part], height: float, size: int, rng: Rng) -> tuple[float, float]:
    """px per unit and the centre's x, so that it is about `height` tall and stays inside the frame."""
    points = np.concatenate([part.outline for part in parts])
    wide, tall = np.ptp(points[:, 0]), max(points[:, 1].max(), 0.3)
    scale = min(height / tall, size * 0.8 / wide)
    half = wide * scale / 2
    room = max(0.0, size * 0.5 - half - 2)
    middle = (points[:, 0].max() + points[:, 0].min()) / 2 * scale
    return float(scale), float(size / 2 - middle + rng.uniform(-1, 1) * min(room, size * 0.2))


def _add(
    image: Picture,
    alpha: Picture,
    part: Part,
    outline_px: Picture,
    scale: float,
    ink: Picture,
    light_x: float,
    gloss: float,
) -> None:
    size, margin = alpha.shape[0], part.stroke * scale / 2 + 2
    left, top = np.maximum(np.floor(outline_px.min(0) - margin), 0).astype(int)
    right, bottom = np.minimum(np.ceil(outline_px.max(0) + margin), size).astype(int)
    if right <= left or bottom <= top:
        return
    window = (slice(top, bottom), slice(left, right))
    cover = _cover(part, outline_px - (left, top), (int(bottom - top), int(right - left)), scale)
    if part.cut:
        alpha[window] *= 1 - cover
        return
    shade = _form(part, outline_px - (left, top), cover.shape, light_x, gloss) * part.tone
    paint_HW3 = np.clip(ink * np.minimum(shade, 1.0)[..., None] + np.maximum(shade - 1.0, 0)[..., None], 0, 1)
    image[window] += cover[..., None] * (paint_HW3 - image[window])
    alpha[window] += cover * (1 - alpha[window])


def _cover(part: Part, outline_px: Picture, shape: tuple[int, ...], scale: float) -> Picture:
    fine = np.zeros((shape[0] * OVERSAMPLING, shape[1] * OVERSAMPLING), np.uint8)
    points = [np.round(outline_px * OVERSAMPLING * 16).astype(np.int32)]
    if part.stroke:
        cv2.polylines(fine, points, False, 255, max(1, round(part.stroke * scale * OVERSAMPLING)), cv2.LINE_8, 4)
    else:
        cv2.fillPoly(fine, points, 255, cv2.LINE_8, 4)
    return cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _form(part: Part, outline_px: Picture, shape: tuple[int, ...], light_x: float, gloss: float) -> Picture:
    """Brightness by form: a cylinder, a ball or a flat front; above 1 is a highlight."""
    (x0, y0), (x1, y1) = outline_px.min(0), outline_px.max(0)
    u = ((np.arange(shape[1], dtype=np.float32) + 0.5 - (x0 + x1) / 2) / max((x1 - x0) / 2, 1))[None].clip(-1, 1)
    v = ((np.arange(shape[0], dtype=np.float32) + 0.5 - (y0 + y1) / 2) / max((y1 - y0) / 2, 1))[:, None].clip(-1, 1)
    if part.form == "flat":
        return np.asarray(0.92 + 0.08 * light_x * u - 0.04 * v, np.float32)
    lift = v if part.form == "ball" else np.zeros_like(v)
    depth = np.sqrt(np.clip(1 - u * u - lift * lift, 0, 1))
    lambert = np.clip(0.62 * light_x * u - 0.45 * lift + 0.70 * depth, 0, 1)
    spark = gloss * np.exp(-(((u - 0.45 * light_x) / 0.12) ** 2) - ((lift + 0.4) / 0.35) ** 2 * (part.form == "ball"))
    return np.asarray(0.42 + 0.62 * lambert + spark, np.float32)
