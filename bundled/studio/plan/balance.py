"""Which scenes to draw: an endless, seeded row of plans in which surfaces, backdrops and lights come equally often."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan, PlannedLight, any_light, setup_name

T = TypeVar("T")
HANGS_BEFORE = ("wall", "wall", "plaster", "brick", "concrete wall", "wood panels", "gradient")
HELD_SHARE = 0.08
STUDIO_GROUNDS = {
    "white": 5.0,
    "off-white": 2.0,
    "light grey": 2.0,
    "beige": 0.6,
    "grey": 0.5,
    "black": 0.5,
    "pink": 0.3,
    "sky blue": 0.3,
}


def dealt(cards: Sequence[T], seed: str, index: int) -> T:
    """As from a shuffled pack, dealt to the end before it is shuffled again: no card is rare by bad luck."""
    round_, place = divmod(index, len(cards))
    return _shuffled(tuple(cards), seed, round_)[place]


@lru_cache(maxsize=256)  # neighbours in the row are dealt from the same packs
def _shuffled(cards: tuple[T, ...], seed: str, round_: int) -> list[T]:
    return SeededRng(seed, "pack", round_).some(cards, len(cards))


def _pack(kinds: dict[str, words.Kind]) -> list[str]:
    return [name for name, kind in sorted(kinds.items()) for _ in range(round(kind.weight * 5))]


def scene_plan(seed: int, index: int) -> Plan:
    rng = SeededRng(seed, "scene", index)
    backdrop = dealt(_pack(words.BACKDROPS), f"{seed}/backdrop", index)
    product = dealt(sorted(PRODUCTS), f"{seed}/product", index)
    if PRODUCTS[product].lies and rng.chance(0.4):
        return _flatlay(seed, index, rng, product)
    if PRODUCTS[product].hangs:
        return _hung(seed, index, rng, product)
    backdrop_variant = _variant(words.BACKDROPS[backdrop], f"{seed}/{backdrop}", index)
    surface, variant = _surface(rng, backdrop, backdrop_variant)
    light = any_light(rng, backdrop)
    return _finished(rng, "standing", surface, variant, backdrop, backdrop_variant, light, product)


def _flatlay(seed: int, index: int, rng: SeededRng, product: str) -> Plan:
    surface = dealt([name for name in sorted(words.SURFACES) if name != "podium"], f"{seed}/flatlay", index)
    variant = rng.one_of(words.SURFACES[surface].variants)
    return _finished(rng, "flatlay", surface, variant, None, "", any_light(rng, None), product)


def _hung(seed: int, index: int, rng: SeededRng, product: str) -> Plan:
    wall = dealt(HANGS_BEFORE, f"{seed}/hung", index)
    variant = rng.one_of(words.BACKDROPS[wall].variants)
    light = any_light(rng, wall)
    if light.direction == "back":  # the wall is in the way
        light = replace(light, direction="front")
    return _finished(rng, "backdrop", None, "", wall, variant, light, product)


def _variant(kind: words.Kind, seed: str, index: int) -> str:
    return dealt(kind.variants, seed, index // 7)  # a backdrop returns about every seventh scene or later


def _surface(rng: SeededRng, backdrop: str, backdrop_variant: str) -> tuple[str, str]:
    surface = rng.one_of(words.SUITS[backdrop])
    if surface == "sweep":
        return surface, backdrop_variant
    variants = words.SURFACES[surface].variants
    if surface == "podium" and backdrop_variant in variants and rng.chance(0.6):
        return surface, backdrop_variant
    return surface, rng.one_of(variants)


def _finished(
    rng: SeededRng,
    view: str,
    surface: str | None,
    variant: str,
    backdrop: str | None,
    backdrop_variant: str,
    light: PlannedLight,
    product: str,
) -> Plan:
    colour = rng.one_of(PRODUCTS[product].colours)
    plan = Plan(rng.seed(), view, surface, variant, backdrop, backdrop_variant, light, product, colour)
    return Plan(**{**vars(plan), "setup": setup_name(plan)})


def packshot_plan(seed: int, index: int) -> Plan:
    """A product on a plain studio ground; a third are hard on purpose: the product as white or black as the ground."""
    rng = SeededRng(seed, "packshot", index)
    product = dealt(sorted(PRODUCTS), f"{seed}/packshots", index)
    ground = rng.weighted(STUDIO_GROUNDS)
    light = PlannedLight(
        rng.weighted({"neutral": 4.0, "warm": 1.0, "cool": 1.0}), rng.pick("left", "right", "front"), "soft"
    )
    if PRODUCTS[product].hangs:
        plan = _finished(rng, "backdrop", None, "", "wall", ground, light, product)
    else:
        plan = _finished(rng, "standing", "sweep", ground, "sweep", ground, light, product)
    colours = PRODUCTS[product].colours
    if ground in colours and rng.chance(0.35):
        plan = Plan(**{**vars(plan), "product_colour": ground})
    return plan


def split(plan: Plan) -> str:
    """Train and held never share a set-up: pictures of one set-up are too alike to test with."""
    return "held" if SeededRng(plan.setup, "split").between(0, 1) < HELD_SHARE else "train"
