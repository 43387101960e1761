"""Puts a view together: backdrop, ground, shadows, reflections and product, from the front or from above."""

from dataclasses import dataclass

import numpy as np

from bundled.quick.drawing.bank import TextureBank
from bundled.quick.drawing.colours import Picture, shade_of
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.planes import Pixels, Planes, blend, per_plane, planes_of
from bundled.quick.lighting import light, reflections, shadows
from bundled.quick.lighting.podium import Podium, stand
from bundled.quick.materials import laying
from bundled.quick.materials.surfaces import SURFACES
from bundled.quick.products.painting import PaintedProduct
from bundled.quick.scenery import backdrops

FAR = 0.45  # backdrops farther than FAR are squeezed whole above the line
BLURS = (0.004, 0.012, 0.03)  # of the size, for what is farthest away


@dataclass(frozen=True)
class Setting:
    """What a view shows, in words, the light on it, its size (px), and the banks that its tiles come from."""

    facts: dict[str, str]
    lamp: light.QuickLight
    size: int
    grounds: TextureBank
    backdrops: TextureBank


def from_above(setting: Setting, product: PaintedProduct | None, rng: Rng) -> Planes:
    """A flat lay, 3 x size x size in 0.. about 1."""
    tile, tint = laying.material(setting.facts["surface"], setting.facts["surface_colour"], setting.grounds, rng)
    fall = light.field(setting.lamp, setting.size, rng, ground=True)
    turned = None if tile is None else laying.from_above(tile, setting.size, rng)
    picture = _lit(turned, tint, fall, setting.size, setting.size)
    if product is not None:
        picture *= shadows.lying(product, setting.lamp, rng)
        put(picture, product)
    return picture


def from_front(setting: Setting, product: PaintedProduct | None, rng: Rng) -> Planes:
    """Backdrop above, ground below, the product on it, 3 x size x size in 0.. about 1."""
    size, horizon, kind = setting.size, float(setting.facts["horizon"]), setting.facts["surface"]
    blur, rows = _blur(setting, rng), laying.meeting(size, horizon)
    picture = np.empty((3, size, size), np.float32)
    picture[:, : rows.stop] = _behind(setting, rng, blur, rows.stop)
    ground = _ground(setting, rng, rows.start)
    gloss = SURFACES[kind].gloss * rng.uniform(0.6, 1.2)
    if gloss > 0.02:
        reflections.of_backdrop(ground, picture, rows.start, int(horizon * size), gloss)
        if product is not None:
            reflections.of_product(ground, product, rows.start, gloss)
    shade = shadows.standing(product, setting.lamp, rng) if product else np.ones((size, size), np.float32)
    if kind != "podium":
        ground *= shade[rows.start :]
    depth = rows.stop - rows.start
    blend(picture[:, rows], ground[:, :depth], laying.cover(kind, size, horizon, blur, rng))
    picture[:, rows.stop :] = ground[:, depth:]
    if kind == "podium":
        stand(picture, _podium(setting, product, rng), setting.lamp, shade)
    if product is not None:
        put(picture, product)
    return picture


def put(picture: Planes, product: PaintedProduct) -> None:
    """Paints the product over the picture, in place."""
    under = picture[:, *product.window]
    np.minimum(under, np.float32(1), out=under)
    blend(under, product.image[:, *product.window], product.alpha[product.window])


def _blur(setting: Setting, rng: Rng) -> float:
    """How far out of focus the backdrop is (px)."""
    far = backdrops.BACKDROPS[setting.facts["backdrop"]].distance
    return float(setting.size * far * BLURS[int(rng.integers(len(BLURS)))] * rng.uniform(0.6, 1.2))


def _behind(setting: Setting, rng: Rng, blur: float, height: int) -> Planes:
    """The backdrop in its light, 3 x height x size."""
    kind, size = setting.facts["backdrop"], setting.size
    word = setting.facts["backdrop_colour"]
    tint = shade_of(word, rng) if word else laying.WHITE
    whole = backdrops.BACKDROPS[kind].distance > FAR
    seen = backdrops.seen(setting.backdrops.pick(kind, rng), size, height, blur, rng, whole=whole)
    fall = light.field(setting.lamp, size, rng, ground=False, rows=slice(height))
    if kind in {"city", "festive"}:  # at night it shines itself
        fall = np.float32(0.75) + np.float32(0.25) * fall
    elif backdrops.BACKDROPS[kind].outdoors:  # out of doors the side of the light hardly shows
        fall = np.float32(0.45) * per_plane(setting.lamp.rgb) + np.float32(0.55) * fall
    return _lit(seen, tint, fall, size, height)


def _ground(setting: Setting, rng: Rng, first_row: int) -> Planes:
    """The ground in its light from `first_row` on, 3 x rows x size."""
    facts, size = setting.facts, setting.size
    colour = facts["floor_colour"] if facts["surface"] == "podium" else facts["surface_colour"]
    tile, tint = laying.material(facts["surface"], colour, setting.grounds, rng)
    laid = None if tile is None else laying.laid_down(tile, size, float(facts["horizon"]), first_row, rng)
    fall = light.field(setting.lamp, size, rng, ground=True, rows=slice(first_row, None))
    return _lit(laid, tint, fall, size, size - first_row)


def _lit(pixels: Pixels | None, tint: Picture, fall: Planes, size: int, height: int) -> Planes:
    """Tinted pixels (or the tint alone) in falling light, 3 x height x size."""
    if pixels is None:
        return np.array(np.broadcast_to(fall * per_plane(tint), (3, height, size)), order="C")
    planes = planes_of(pixels)
    planes *= fall * per_plane(tint / np.float32(255))
    return planes


def _podium(setting: Setting, product: PaintedProduct | None, rng: Rng) -> Podium:
    size, colour = setting.size, shade_of(setting.facts["surface_colour"], rng)
    half_width = product.half_width if product else size * 0.2
    half = min(size * 0.48, half_width * rng.uniform(1.15, 1.5) + size * 0.04)
    return Podium(
        centre_x=product.centre_x if product else size / 2,
        top_y=product.base_y if product else size * rng.uniform(0.70, 0.84),
        half=float(half),
        colour=colour,
    )
