"""Draws quick scenes, packshots and plates: endless, seeded, with exact masks, captions and attributes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from bundled.quick import attributes, captions, views
from bundled.quick.drawing.bank import TextureBank
from bundled.quick.drawing.colours import any_word, shade_of
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.planes import Planes, per_plane, pixels_of
from bundled.quick.lighting import light, shadows
from bundled.quick.materials import surfaces
from bundled.quick.products import painting
from bundled.quick.products.goods import SHAPES
from bundled.quick.scenery import backdrops

Kind = Literal["scene", "packshot", "plate"]
TILE_PX = 256
STUDIO = ("white", "white", "cream", "light grey", "grey", "black")


@dataclass(frozen=True)
class QuickScene:
    """One picture: image HxWx3 uint8 RGB, mask HxW uint8 (255 = product, exact anti-aliased edge), captions,
    attributes.

    The attributes are words ('' where they do not apply): product, product_word, product_colour, surface,
    surface_colour, floor_colour, backdrop, backdrop_colour, light_colour, light_direction, light_quality, pattern,
    view, and horizon (0..1, as text).
    """

    image: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8]
    captions: list[str]
    attributes: dict[str, str]


def quick_scenes(seed: int, size: int = 128, kind: Kind = "scene") -> Iterator[QuickScene]:
    """Endless samples of size x size px; the same seed, size and kind give the same pictures.

    scene: a product in a scene. packshot: a product on a plain studio ground. plate: a scene without a product.
    Raises ValueError for a size under 32 px or an unknown kind.
    """
    if size < 32 or kind not in {"scene", "packshot", "plate"}:
        raise ValueError(f"cannot draw kind {kind!r} at {size} px: kinds are scene, packshot, plate; at least 32 px")
    rng = np.random.default_rng((seed, size, ["scene", "packshot", "plate"].index(kind)))
    painter = ScenePainter(size)
    while True:
        yield painter.packshot(rng) if kind == "packshot" else painter.scene(rng, with_product=kind == "scene")


def quick_captions(seed: int) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Captions and attributes of scenes that nobody draws: for learning words alone."""
    rng = np.random.default_rng((seed, 7))
    while True:
        facts = attributes.drawn(rng) | attributes.of_light(light.draw(rng))
        kind = captions.one_of(rng, painting.KINDS)
        facts |= {
            "product": kind,
            "product_word": captions.one_of(rng, SHAPES[kind][1]),
            "product_colour": any_word(rng),
        }
        yield captions.captions(facts, rng), facts


class ScenePainter:
    """Holds the tile banks for one picture size; every method draws from the random numbers it is given."""

    def __init__(self, size: int) -> None:
        side = max(TILE_PX, size)
        self.size = size
        self.ground_bank, self.backdrop_bank = (
            TextureBank(surfaces.makers(), side),
            TextureBank(backdrops.makers(), side),
        )

    def scene(self, rng: Rng, *, with_product: bool = True) -> QuickScene:
        """A product in a scene, or the scene alone."""
        lamp = light.draw(rng)
        facts = attributes.drawn(rng) | attributes.of_light(lamp)
        product = self._product(rng, lamp, facts) if with_product else None
        if product is not None:
            facts |= attributes.of_product(product)
        setting = views.Setting(facts, lamp, self.size, self.ground_bank, self.backdrop_bank)
        view = views.from_above if facts["view"] == "above" else views.from_front
        return _sample(view(setting, product, rng), product, facts, captions.captions(facts, rng))

    def packshot(self, rng: Rng) -> QuickScene:
        """A product on white, off-white, grey or its own colour, a soft shadow under it."""
        facts = attributes.drawn(rng) | {"surface": "sweep", "backdrop": "wall", "view": "front"}
        ground, size = captions.one_of(rng, STUDIO), self.size
        product = painting.paint(
            rng,
            size,
            size * rng.uniform(0.78, 0.93),
            size * rng.uniform(0.5, 0.78),
            light_x=rng.uniform(-0.6, 0.6),
            colour=ground if rng.random() < 0.3 else "",
        )
        facts |= attributes.of_product(product)
        facts |= dict.fromkeys(("backdrop_colour", "surface_colour", "floor_colour"), ground)
        picture = self._studio(rng, ground, product)
        views.put(picture, product)
        return _sample(picture, product, facts, captions.packshot_captions(facts, rng))

    def _studio(self, rng: Rng, ground: str, product: painting.PaintedProduct) -> Planes:
        """A plain ground, a little darker at the sides, under the product's shadow (mostly)."""
        tone = np.ones(3, np.float32) if ground == "white" and rng.random() < 0.5 else shade_of(ground, rng, 0.015)
        lamp = light.QuickLight(
            "neutral", "front", "soft", "", np.ones(3, np.float32), float(rng.uniform(-0.5, 0.5)), 1.0
        )
        lit = np.ones((self.size, self.size), np.float32)
        if rng.random() < 0.85:
            lit -= np.float32(rng.uniform(0.3, 1.0)) * (1 - shadows.standing(product, lamp, rng))
        across = np.linspace(-1, 1, self.size, dtype=np.float32)
        return per_plane(tone) * (1 - np.float32(rng.uniform(0, 0.08)) * across**2) * lit

    def _product(self, rng: Rng, lamp: light.QuickLight, facts: dict[str, str]) -> painting.PaintedProduct:
        own_light = rng.random() < 0.5  # else the model would read the light off the product, not off the words
        side = float(rng.uniform(-0.8, 0.8)) if own_light else lamp.side
        height = self.size * rng.uniform(0.32, 0.64)
        horizon = float(facts["horizon"])
        base = (
            self.size * rng.uniform(min(horizon + 0.10, 0.90), 0.94)
            if facts["view"] == "front"
            else self.size * 0.5 + height / 2
        )
        if facts["surface"] == "podium":
            base = self.size * rng.uniform(0.70, 0.84)
        product = painting.paint(rng, self.size, base, height, light_x=side)
        return product if own_light else painting.lit(product, lamp.tone)


def _sample(
    picture: Planes, product: painting.PaintedProduct | None, facts: dict[str, str], texts: list[str]
) -> QuickScene:
    size = picture.shape[2]
    mask = np.zeros((size, size), np.uint8) if product is None else cv2.convertScaleAbs(product.alpha, alpha=255.0)
    return QuickScene(pixels_of(picture), np.asarray(mask), texts, facts)
