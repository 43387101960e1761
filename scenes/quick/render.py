"""Composes quick scenes, packshots and plates: endless, seeded, with exact masks, captions and attributes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from scenes.quick import attributes, backdrops, captions, laying, light, products, surfaces
from scenes.quick.colours import Picture, any_word, shade_of
from scenes.quick.goods import SHAPES
from scenes.quick.textures import Bank, Rng

Kind = Literal["scene", "packshot", "plate"]
TILE_PX = 256
FAR = 0.45  # backdrops farther than FAR are squeezed whole above the line


@dataclass(frozen=True)
class Sample:
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


def quick_scenes(seed: int, size: int = 128, kind: Kind = "scene") -> Iterator[Sample]:
    """Endless samples of size x size px; the same seed, size and kind give the same pictures.

    scene: a product in a scene. packshot: a product on a plain studio ground. plate: a scene without a product.
    Raises ValueError for a size under 32 px or an unknown kind.
    """
    if size < 32 or kind not in {"scene", "packshot", "plate"}:
        raise ValueError(f"cannot draw kind {kind!r} at {size} px: kinds are scene, packshot, plate; at least 32 px")
    rng = np.random.default_rng((seed, size, ["scene", "packshot", "plate"].index(kind)))
    painter = Painter(size)
    while True:
        yield painter.packshot(rng) if kind == "packshot" else painter.scene(rng, with_product=kind == "scene")


def quick_captions(seed: int) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Captions and attributes of scenes that nobody draws: for learning words alone."""
    rng = np.random.default_rng((seed, 7))
    while True:
        facts = attributes.drawn(rng) | attributes.of_light(light.draw(rng))
        kind = list(SHAPES)[int(rng.integers(len(SHAPES)))]
        facts |= {
            "product": kind,
            "product_word": captions.one_of(rng, SHAPES[kind][1]),
            "product_colour": any_word(rng),
        }
        yield captions.captions(facts, rng), facts


class Painter:
    """Holds the tile banks for one picture size; every method draws from the random numbers it is given."""

    def __init__(self, size: int) -> None:
        side = max(TILE_PX, size)
        self.size = size
        self.ground_bank, self.backdrop_bank = Bank(surfaces.makers(), side), Bank(backdrops.makers(), side)

    def scene(self, rng: Rng, *, with_product: bool = True) -> Sample:
        """A product in a scene, or the scene alone."""
        facts = attributes.drawn(rng)
        lamp = light.draw(rng)
        facts |= attributes.of_light(lamp)
        product = self._product(rng, lamp, facts) if with_product else None
        picture = (
            self._flat_lay(rng, lamp, facts, product)
            if facts["view"] == "above"
            else self._view(rng, lamp, facts, product)
        )
        return _sample(picture, product, facts, captions.captions(facts, rng))

    def packshot(self, rng: Rng) -> Sample:
        """A product on white, off-white, grey or its own colour, a soft shadow under it."""
        facts = attributes.drawn(rng) | {"surface": "sweep", "backdrop": "wall", "view": "front"}
        ground = ("white", "white", "cream", "light grey", "grey", "black")[int(rng.integers(6))]
        product = products.paint(
            rng,
            self.size,
            self.size * rng.uniform(0.78, 0.93),
            self.size * rng.uniform(0.5, 0.78),
            light_x=rng.uniform(-0.6, 0.6),
            colour=ground if rng.random() < 0.3 else "",
        )
        facts |= attributes.of_product(product) | {
            "backdrop_colour": ground,
            "surface_colour": ground,
            "floor_colour": ground,
        }
        tone = np.ones(3, np.float32) if ground == "white" and rng.random() < 0.5 else shade_of(ground, rng, 0.015)
        lamp = light.Light("neutral", "front", "soft", "", np.ones(3, np.float32), float(rng.uniform(-0.5, 0.5)), 1.0)
        shade = (
            light.shadows(product, lamp, rng) if rng.random() < 0.85 else np.ones((self.size, self.size), np.float32)
        )
        vignette = 1 - rng.uniform(0, 0.08) * np.linspace(-1, 1, self.size, dtype=np.float32)[None, :, None] ** 2
        picture = _over(tone * vignette * (1 - rng.uniform(0.3, 1.0) * (1 - shade))[..., None], product)
        return _sample(picture, product, facts, captions.packshot_captions(facts, rng))

    def _product(self, rng: Rng, lamp: light.Light, facts: dict[str, str]) -> products.Product:
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
        product = products.paint(rng, self.size, base, height, light_x=side)
        facts |= attributes.of_product(product)
        if own_light:
            return product
        lit = np.clip(product.image * lamp.rgb * lamp.strength, 0, 1)
        return replace(product, image=lit)

    def _flat_lay(
        self, rng: Rng, lamp: light.Light, facts: dict[str, str], product: products.Product | None
    ) -> Picture:
        tile = laying.tile_of(facts["surface"], facts["surface_colour"], self.ground_bank, rng)
        ground = laying.from_above(tile, self.size, rng) * light.field(lamp, self.size, rng, ground=True)
        if product is None:
            return ground
        return _over(ground * light.shadow_from_above(product, lamp, rng)[..., None], product)

    def _view(self, rng: Rng, lamp: light.Light, facts: dict[str, str], product: products.Product | None) -> Picture:
        horizon, blur = float(facts["horizon"]), self._blur(facts["backdrop"], rng)
        behind = self._behind(rng, facts, horizon, blur) * _behind_light(facts["backdrop"], lamp, self.size, rng)
        ground = self._ground(rng, facts, horizon) * light.field(lamp, self.size, rng, ground=True)
        gloss = surfaces.SURFACES[facts["surface"]].gloss * rng.uniform(0.6, 1.2)
        if gloss > 0.02:
            ground = _mirrored(ground, behind, product, horizon, gloss)
        cover = laying.ground_mask(facts["surface"], self.size, horizon, blur, rng)[..., None]
        shade = light.shadows(product, lamp, rng)[..., None] if product else np.float32(1)
        if facts["surface"] != "podium":
            return _over(behind * (1 - cover) + ground * shade * cover, product)
        stand_y = product.base_y if product else self.size * rng.uniform(0.70, 0.84)
        return _over(
            self._podium(behind * (1 - cover) + ground * cover, rng, lamp, facts, product, stand_y, shade), product
        )

    def _blur(self, backdrop: str, rng: Rng) -> float:
        far = backdrops.BACKDROPS[backdrop].distance if backdrop else 0.0
        return float(self.size * far * rng.choice([0.004, 0.012, 0.03]) * rng.uniform(0.6, 1.2))

    def _behind(self, rng: Rng, facts: dict[str, str], horizon: float, blur: float) -> Picture:
        kind = facts["backdrop"]
        colour = shade_of(facts["backdrop_colour"], rng) if facts["backdrop_colour"] else None
        tile = self.backdrop_bank.pick(kind, rng)
        seen = backdrops.seen(
            tile, self.size, horizon, rng, whole=backdrops.BACKDROPS[kind].distance > FAR, colour=colour
        )
        return cv2.GaussianBlur(seen, (0, 0), blur) if blur > 0.5 else seen

    def _ground(self, rng: Rng, facts: dict[str, str], horizon: float) -> Picture:
        kind = facts["surface"]
        colour = facts["floor_colour"] if kind == "podium" else facts["surface_colour"]
        tile = laying.tile_of(kind, colour, self.ground_bank, rng)
        plain = kind in {"sweep", "acrylic", "podium"}
        return (
            np.broadcast_to(tile[0, 0], (self.size, self.size, 3))
            if plain
            else laying.laid_down(tile, self.size, horizon, rng)
        )

    def _podium(
        self,
        picture: Picture,
        rng: Rng,
        lamp: light.Light,
        facts: dict[str, str],
        product: products.Product | None,
        top_y: float,
        shade: Picture | np.float32,
    ) -> Picture:
        """A cylinder under the product: lit body, paler top, the product's shadow on the top alone."""
        size, tone = self.size, shade_of(facts["surface_colour"], rng)
        centre = product.centre_x if product else size / 2
        half = min(size * 0.48, (product.half_width if product else size * 0.2) * rng.uniform(1.15, 1.5) + size * 0.04)
        u = ((np.arange(size, dtype=np.float32) - centre) / half).clip(-1, 1)[None, :, None]
        body = (
            tone
            * (0.45 + 0.5 * np.clip(0.7 * lamp.side * u + 0.7 * np.sqrt(1 - u * u), 0, 1))
            * lamp.rgb
            * lamp.strength
        )
        middle, axes = (round(centre * 8), round((top_y - size * 0.01) * 8)), (round(half * 8), round(half * 0.22 * 8))
        top, column = np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)
        cv2.ellipse(top, middle, axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 3)
        cv2.rectangle(column, (round(centre - half), round(top_y - size * 0.01)), (round(centre + half), size), 255, -1)
        for mask, paint in ((column, body), (top, np.clip(tone * 1.08 * lamp.rgb * lamp.strength, 0, 1) * shade)):
            cover = (mask.astype(np.float32) / 255)[..., None]
            picture = picture * (1 - cover) + paint * cover
        return picture


def _behind_light(kind: str, lamp: light.Light, size: int, rng: Rng) -> Picture:
    """Light on the backdrop: at night it shines itself; out of doors the side of the light hardly shows."""
    fall = light.field(lamp, size, rng, ground=False)
    if kind in {"city", "festive"}:
        return np.asarray(0.75 + 0.25 * fall, np.float32)
    return np.asarray(0.45 * lamp.rgb + 0.55 * fall, np.float32) if backdrops.BACKDROPS[kind].outdoors else fall


def _mirrored(
    ground: Picture, behind: Picture, product: products.Product | None, horizon: float, gloss: float
) -> Picture:
    """A glossy ground shows the backdrop and the product upside down, fading towards the camera."""
    size = ground.shape[0]
    top = int(horizon * size)
    below = np.arange(top, size)
    fade = np.clip(1.2 - (below - top) / (size * 0.6), 0.15, 1)[:, None, None].astype(np.float32) * np.float32(gloss)
    mirror = cv2.GaussianBlur(behind[np.clip(2 * top - below, 0, size - 1)], (0, 0), size * 0.02)
    lower = ground[top:] + (mirror - ground[top:]) * fade
    if product is not None:
        foot = np.clip((2 * product.base_y - below).astype(int), 0, size - 1)
        depth = np.exp(-np.clip(below - product.base_y, 0, None) / (size * 0.12)).astype(np.float32) * np.float32(gloss)
        lower += (product.image[foot] - lower) * (product.alpha[foot] * depth[:, None])[..., None]
    return np.concatenate([np.broadcast_to(ground[:top], (top, size, 3)), lower])


def _over(picture: Picture, product: products.Product | None) -> Picture:
    if product is None:
        return picture
    base = np.clip(picture, 0, 1)
    return np.asarray(base + (product.image - base) * product.alpha[..., None], np.float32)


def _sample(picture: Picture, product: products.Product | None, facts: dict[str, str], texts: list[str]) -> Sample:
    image = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    mask = np.zeros(image.shape[:2], np.uint8) if product is None else np.round(product.alpha * 255).astype(np.uint8)
    return Sample(image, mask, texts, facts)
