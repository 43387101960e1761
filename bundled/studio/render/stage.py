"""A plan built up in the renderer: surface, backdrop, light and camera; then the pictures taken of it."""

from dataclasses import dataclass
from typing import Any

import bpy

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.render import backdrops, camera, engine, light, surfaces
from bundled.studio.render.camera import Framing
from bundled.studio.render.surfaces import podium

HORIZON = ("beach", "sky", "mountains")
GROUNDS = ("sand", "snow", "grass", "moss", "autumn leaves", "pebbles")


@dataclass
class BuiltStage:
    plan: Plan
    rng: SeededRng
    surface: list[Any]
    behind: list[Any]
    depth: float
    elevation: float = 0.0


def build(plan: Plan) -> BuiltStage:
    """Everything but product and camera."""
    engine.clear()
    rng = SeededRng(plan.seed, "stage")
    depth = _depth(plan, rng)
    laid = []
    if plan.surface and plan.surface != "sweep":
        reach, clear = (depth, 1.3) if plan.view == "standing" else (14.0, 0.4)
        laid = surfaces.BUILDERS[plan.surface](rng, plan.surface_variant, reach, clear)
    before = set(bpy.data.objects)
    if plan.backdrop and plan.view != "flatlay":
        _stand_behind(plan, rng, depth)
    behind = [thing for thing in bpy.data.objects if thing not in before]
    light.light_scene(rng, plan.light, plan.backdrop if plan.view != "flatlay" else None, depth, plan.view)
    return BuiltStage(plan, rng, laid, behind, depth)


def _stand_behind(plan: Plan, rng: SeededRng, depth: float) -> None:
    if plan.backdrop == "sweep" and plan.surface == "podium":
        backdrops.walls.sweep(rng, plan.backdrop_variant, depth + 1, floor=-podium.HEIGHT)
    elif plan.backdrop:
        backdrops.BUILDERS[plan.backdrop](rng, plan.backdrop_variant, depth)


def _depth(plan: Plan, rng: SeededRng) -> float:
    """How far the surface reaches behind the product."""
    if plan.view == "backdrop":
        if plan.product:
            return 0.45  # it hangs a hand's breadth before the wall
        return -16.0 if plan.backdrop in HORIZON else 5.0
    if plan.backdrop == "sky":
        return 30.0  # to the horizon, or there would be haze where the sky should be
    if plan.surface in GROUNDS and plan.backdrop in words.OUTDOORS:
        return 12.0
    return rng.between(4.0, 6.0)


def frame_plate(stage: BuiltStage, framing: Framing) -> float:
    if stage.plan.view == "flatlay":
        return camera.flatlay(framing)
    if stage.plan.view == "backdrop":
        return camera.backdrop(framing, low=stage.plan.backdrop in HORIZON)
    if stage.plan.surface == "podium":
        return camera.standing(framing, podium.RADIUS)
    return camera.standing(framing, stage.depth + (3.0 if stage.plan.backdrop == "sweep" else 0.0))
