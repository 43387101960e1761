"""Light: a soft box, a sun with or without a shadow pattern, the sky, the night."""

import math
from typing import Any

import bpy
from mathutils import Vector

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import PlannedLight
from bundled.studio.render.gobos import throw
from bundled.studio.render.nodes import Graph

TINTS = {"warm": (1, 0.77, 0.53), "neutral": (1, 0.975, 0.95), "cool": (0.69, 0.84, 1.0)}
AZIMUTHS = {"left": (-80, -45), "right": (45, 80), "front": (-18, 18), "back": (130, 155)}
SKIES = {  # from the horizon upwards
    "warm": ((2.2, 1.3, 0.62), (1.5, 1.05, 0.8), (0.75, 0.75, 0.95), (0.35, 0.5, 0.9)),
    "neutral": ((0.85, 0.98, 1.15), (0.5, 0.78, 1.2), (0.2, 0.5, 1.05), (0.1, 0.32, 0.9)),
    "cool": ((0.9, 0.97, 1.05), (0.6, 0.77, 1.0), (0.35, 0.55, 0.85), (0.2, 0.4, 0.7)),
}
Tint = tuple[float, float, float]


def light_scene(
    rng: SeededRng, light: PlannedLight, backdrop: str | None, depth: float, view: str = "standing"
) -> None:
    tint = TINTS[light.colour]
    if backdrop in words.OUTDOORS:
        _outdoors(rng, light, tint)
    elif backdrop in words.NIGHT:
        _night(rng, light, tint)
    else:
        _indoors(rng, light, tint, backdrop, depth, view)


def lamp(kind: str, at: Any, target: Any, energy: float, tint: Tint, size: float = 1.0) -> Any:
    data = bpy.data.lights.new("lamp", kind)
    data.energy, data.color = energy, tint
    if kind == "AREA":
        data.shape, data.size = "DISK", size
    elif kind == "SUN":
        data.angle = size
    thing = bpy.data.objects.new("lamp", data)
    bpy.context.scene.collection.objects.link(thing)
    thing.location = at
    thing.rotation_euler = (Vector(target) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    thing.visible_camera = False
    return thing


def ambient(tint: Tint, strength: float) -> None:
    graph = _world(None)
    _finish_world(graph, graph.node("Background", Color=tint, Strength=strength).outputs[0])


def _world(rng: SeededRng | None) -> Graph:
    world = bpy.context.scene.world or bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    return Graph(rng or SeededRng("world"), tree=world.node_tree)


def _finish_world(graph: Graph, shader: Any) -> None:
    output = graph.node("OutputWorld")
    graph.tree.links.new(shader, output.inputs[0])
    settings = (
        bpy.context.scene.world.cycles
    )  # skies here are smooth: the default map of 8 million points costs seconds
    settings.sampling_method, settings.sample_map_resolution = "MANUAL", 256


def direction(rng: SeededRng, light: PlannedLight, view: str = "standing") -> Vector:
    """From the product to the light."""
    low, high = AZIMUTHS[light.direction]
    azimuth = math.radians(rng.between(low, high) * (rng.sign() if light.direction == "back" else 1))
    elevation = math.radians(rng.between(30, 52))
    if view == "backdrop":  # a wall is lit along itself: from high and from the side, in front of it
        azimuth = math.radians({"left": -65, "right": 65, "front": 10, "back": 25}[light.direction])
    flat = math.cos(elevation)
    return Vector((math.sin(azimuth) * flat, -math.cos(azimuth) * flat, math.sin(elevation)))


def _indoors(rng: SeededRng, light: PlannedLight, tint: Tint, backdrop: str | None, depth: float, view: str) -> None:
    soft, window = light.hardness == "soft", backdrop == "window"
    red, green, blue = (0.6 + 0.4 * c for c in tint)
    strength = rng.between(0.25, 0.5) if soft else rng.between(0.12, 0.25)
    ambient((red, green, blue), strength * (2 if window else 1))
    towards = direction(rng, light, view)
    if window:
        lamp("AREA", (-4, -8, 7), (0, 0, 1), rng.between(200, 380), tint, 6)
    elif soft:
        lamp(
            "AREA",
            towards * 9 + Vector((0, 0, 0.5)),
            (0, 0.5, 0.6),
            rng.between(500, 750),
            tint,
            rng.between(3.5, 6.5),
        )
    else:
        lamp("SUN", towards * 20, (0, 0, 0.6), rng.between(3.5, 5.0), tint, math.radians(rng.between(0.5, 2.5)))
        if light.pattern:
            throw(rng, light.pattern, towards, flat=view == "flatlay")
    _fill(rng, towards, tint, backdrop, depth)


def _fill(rng: SeededRng, towards: Vector, tint: Tint, backdrop: str | None, depth: float) -> None:
    """A card opposite the key, sometimes a rim, and a light of its own for a far room."""
    red, green, blue = ((1 + c) / 2 for c in tint)
    lamp("AREA", (-towards.x * 8, -5, 4), (0, 0, 0.8), rng.between(40, 110), (red, green, blue), 5)
    if rng.chance(0.4):
        lamp("AREA", (rng.sign() * 4, depth * 0.5 + 1, 6), (0, 0, 0.8), rng.between(50, 120), (1, 1, 1), 1.5)
    if backdrop in words.FAR:
        lamp("AREA", (rng.between(-5, 5), depth + 1, 9), (0, depth + 7, 1), rng.between(700, 1200), tint, 5)


def _night(rng: SeededRng, light: PlannedLight, tint: Tint) -> None:
    ambient((0.05, 0.06, 0.09), 0.35)
    towards = direction(rng, light)
    main = lamp("AREA", towards * 8, (0, 0, 0.6), rng.between(180, 300), tint, 3.5)
    rim = lamp("AREA", (-towards.x * 6, 3, 4), (0, 0, 1), 70, rng.pick(*TINTS.values()), 1.5)
    for light_source in (main, rim):  # a lamp mirrored in a glossy table is no city light
        light_source.visible_glossy = False


def _outdoors(rng: SeededRng, light: PlannedLight, tint: Tint) -> None:
    cloudy = light.hardness == "soft"
    towards = direction(rng, light)
    height = {"warm": rng.between(0.32, 0.45), "neutral": rng.between(0.6, 1.0), "cool": rng.between(0.5, 0.9)}[
        light.colour
    ]
    flat = Vector((towards.x, towards.y, 0)).normalized()
    sun = Vector((flat.x, flat.y, math.tan(height))).normalized()
    _sky(rng, sun, tint, cloudy, light.colour)
    energy = rng.between(1.6, 2.4) if cloudy else rng.between(5.5, 7.5)
    lamp("SUN", sun * 40, (0, 0, 0), energy, tint, 0.35 if cloudy else 0.02)


def _sky(rng: SeededRng, sun: Vector, tint: Tint, cloudy: bool, colour: str) -> None:
    graph = _world(rng)
    up = graph.xyz(graph.node("TexCoord").outputs["Generated"])[2]
    clear = graph.ramp(up, list(zip((0.0, 0.07, 0.28, 0.8), SKIES[colour], strict=True)))
    white = tuple(0.2 + 1.0 * c for c in tint)
    clouds = graph.times(_clouds(graph, up, cloudy), graph.step(up, 0.015, 0.1, 0.0, 0.85))
    _finish_world(graph, graph.node("Background", Color=graph.mix(clouds, clear, white), Strength=0.6).outputs[0])


def _clouds(graph: Graph, up: Any, cloudy: bool) -> Any:
    """Noise on a flat ceiling seen in perspective."""
    view = graph.node("TexCoord").outputs["Generated"]
    depth = graph.add(graph.math("ABSOLUTE", up), 0.12)
    ceiling = graph.node("VectorMath", {"operation": "DIVIDE"})
    graph.plug(ceiling.inputs[0], view)
    combined = graph.node("CombineXYZ", X=depth, Y=depth, Z=depth)
    graph.plug(ceiling.inputs[1], combined.outputs[0])
    shift = (graph.rng.between(-9, 9), graph.rng.between(-9, 9), 0)
    there = graph.node("Mapping", Vector=ceiling.outputs[0], Location=shift).outputs[0]
    return graph.step(graph.noise(there, 0.9, 7, 0.56), *((0.36, 0.72) if cloudy else (0.56, 0.8)))
