"""Takes one photograph: the picture, the product's mask, and where asked the plate without the product."""

import math
from dataclasses import dataclass

import numpy as np

from bundled.studio.plan import metering
from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.render import camera, engine, product_stage, props, stage
from bundled.studio.render.camera import Framing
from bundled.studio.render.light import TINTS
from bundled.studio.render.product_stage import PlacedProduct
from bundled.studio.render.surfaces import COVERS_THE_BASE
from bundled.studio.render.tiles import FINEST, TileBank

CLEAR_SAMPLES = ("grass", "moss", "garden", "forest")


@dataclass(frozen=True)
class Photograph:
    picture: np.ndarray
    mask: np.ndarray  # 0..1, 1 = product
    plate: np.ndarray | None
    elevation: float


def samples_for(plan: Plan, plain: int = 4) -> int:
    if plan.backdrop in words.NIGHT:
        return plain * 3
    hard = (
        plan.surface in CLEAR_SAMPLES
        or plan.backdrop in CLEAR_SAMPLES
        or (plan.product and PRODUCTS[plan.product].clear)
    )
    return plain * 3 // 2 if hard else plain


def take(
    plan: Plan,
    size: int = 256,
    samples: int = 4,
    with_plate: bool = False,
    threads: int = 1,
    bank: TileBank | None = None,
) -> Photograph:
    """With a bank, patterns come from baked tiles where these are as fine as the picture."""
    if bank:
        bank.stock(plan)
    built = stage.build(plan)
    rng = SeededRng(plan.seed, "product")
    placed = product_stage.place(rng, plan.product or "bottle", plan.product_colour)
    framing = frame(plan, placed, rng)
    elevation = _aim(plan, framing, placed, rng)
    if bank and size / framing.frame < FINEST:
        bank.lay(built)
    if plan.view != "backdrop" and rng.chance(0.3):
        props.scatter(rng, plan, placed)
    engine.prepare(size, samples_for(plan, samples), threads, plan.seed)
    return _expose(built, placed, elevation, with_plate)


def _expose(built: stage.BuiltStage, placed: PlacedProduct, elevation: float, with_plate: bool) -> Photograph:
    linear = _shot(built.plan)
    bare = _without(placed, built.plan) if with_plate else None
    mask = engine.matte(placed.parts, built.surface if built.plan.surface in COVERS_THE_BASE else [])
    factor = metering.spared(metering.exposure(linear, built.plan), linear, mask, built.plan)
    pixels = engine.viewed(linear, factor)
    white = engine.points(pixels)
    picture = engine.finish(pixels, white, engine.VIBRANT)
    plate = None if bare is None else engine.finish(engine.viewed(bare, factor), white, engine.VIBRANT)
    return Photograph(picture, mask, plate, elevation)


def _shot(plan: Plan) -> np.ndarray:
    return engine.balanced(engine.picture(), TINTS[plan.light.colour])


def _without(placed: PlacedProduct, plan: Plan) -> np.ndarray:
    for part in placed.parts:
        part.hide_render = True
    try:
        return _shot(plan)
    finally:
        for part in placed.parts:
            part.hide_render = False


def _aim(plan: Plan, framing: Framing, placed: PlacedProduct, rng: SeededRng) -> float:
    if plan.view == "flatlay":
        return camera.flatlay(framing)
    if plan.view == "backdrop":
        return camera.backdrop(framing, height=float(placed.high[2]) / 2)
    low = plan.backdrop in (*words.OUTDOORS, *words.NIGHT, "window", "living room", "bookshelf", "kitchen")
    return camera.elevated(framing, rng.between(6, 15) if low else rng.between(6, 22))


def frame(plan: Plan, placed: PlacedProduct, rng: SeededRng) -> Framing:
    """The product fills 34 to 62 % of the frame, a little off the middle, its base at 70 to 85 % of the height."""
    fill = rng.between(0.34, 0.62)
    if plan.view == "flatlay":
        wide = max(placed.high[0] - placed.low[0], placed.high[1] - placed.low[1])
        return Framing(frame=float(wide) / fill, fstop=11)
    if plan.view == "backdrop":
        return Framing(frame=placed.span / rng.between(0.6, 0.9), lens=rng.pick(50.0, 60.0, 85.0))
    base = min(0.86, 0.5 + fill / 2 + rng.between(-0.02, 0.08))
    base = max(base, 0.68)
    return Framing(
        placed.size / fill,
        base,
        lens=rng.pick(50.0, 60.0, 70.0, 85.0),
        fstop=_stop(plan, rng) * max(1.0, 3.5 * fill / placed.size),  # the nearer, the thinner what is sharp
        side=rng.between(-0.13, 0.13),
        reach=-0.8 * float(placed.low[1]),
    )


def _stop(plan: Plan, rng: SeededRng) -> float:
    if plan.backdrop in words.NIGHT:
        return rng.between(1.4, 2.2)
    if plan.backdrop in words.FAR:
        return rng.between(2.0, 4.5)
    return rng.between(5.6, 11)


def packshot(plan: Plan, size: int = 256, samples: int = 4, threads: int = 1) -> Photograph:
    """On a seamless ground, big in the frame, the ground nearly as bright as a shop wants it."""
    stage.build(plan)
    rng = SeededRng(plan.seed, "product")
    placed = product_stage.place(rng, plan.product or "bottle", plan.product_colour)
    elevation = _aim_straight(plan, placed, rng)
    engine.prepare(size, samples_for(plan, samples), threads, plan.seed)
    linear = engine.picture()
    pixels = engine.viewed(linear, metering.studio(linear, plan, rng))
    picture = engine.finish(pixels, engine.points(pixels, lowest_white=0.74))
    return Photograph(picture, engine.matte(placed.parts, []), None, elevation)


def _aim_straight(plan: Plan, placed: PlacedProduct, rng: SeededRng) -> float:
    """Big in the frame, all of it in the frame and sharp."""
    fill = rng.between(0.5, 0.82)
    frame = max(placed.size / fill, placed.span / 0.94)
    tall = float(placed.high[2])
    degrees = rng.between(14, 40) if PRODUCTS[plan.product or "bottle"].lies else rng.between(5, 28)
    base = 0.5 + 0.5 * tall * math.cos(math.radians(degrees)) / frame + rng.between(-0.03, 0.04)
    framing = Framing(frame, base, lens=rng.pick(70.0, 85.0, 100.0), fstop=22)
    if plan.view == "backdrop":
        return camera.backdrop(framing, height=tall / 2)
    return camera.elevated(framing, degrees)
