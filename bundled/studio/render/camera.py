"""The camera: kept level with a shifted lens as product photographers do, so that verticals stay vertical."""

import math
from dataclasses import dataclass
from typing import Any

import bpy
from mathutils import Vector

SENSOR = 36.0


@dataclass(frozen=True)
class Framing:
    """Where things fall: fractions of the height from the top; frame is the picture's width in units at the product."""

    frame: float = 4.6
    base: float = 0.77
    line: float = 0.57
    lens: float = 65.0
    fstop: float = 8.0  # as on a full-frame camera
    side: float = 0.0  # product off the middle, in frames
    reach: float = 0.0  # how far the product comes towards the camera: its front is what must be sharp


def standing(framing: Framing, edge: float) -> float:
    """The product's base and the far edge of the surface fall where asked; gives the elevation in degrees."""
    distance = framing.frame * framing.lens / SENSOR
    drop = (framing.base - framing.line) * framing.frame
    height = drop / (1 - distance / (distance + edge))
    camera = _place(Vector((0, -distance, height)), Vector((0, 1, 0)), framing.lens)
    camera.shift_y = -(height / framing.frame - (framing.base - 0.5))
    camera.shift_x = -framing.side
    _focus(camera, distance - framing.reach, framing.fstop)
    return math.degrees(math.atan2(height, distance))


def elevated(framing: Framing, degrees: float) -> float:
    """As standing, but by the camera's elevation: the line falls where it may."""
    distance = framing.frame * framing.lens / SENSOR
    height = distance * math.tan(math.radians(degrees))
    camera = _place(Vector((0, -distance, height)), Vector((0, 1, 0)), framing.lens)
    camera.shift_y = -(height / framing.frame - (framing.base - 0.5))
    camera.shift_x = -framing.side
    _focus(camera, distance - framing.reach, framing.fstop)
    return degrees


def flatlay(framing: Framing) -> float:
    distance = framing.frame * framing.lens / SENSOR
    camera = _place(Vector((0, 0, distance)), Vector((0, 0, -1)), framing.lens)
    _focus(camera, distance - framing.reach, framing.fstop)
    return 90.0


def backdrop(framing: Framing, height: float = 1.2, low: bool = False) -> float:
    """Level, at the height of a chest, nothing of the ground in view; `low` puts the horizon below the middle."""
    distance = framing.frame * framing.lens / SENSOR
    camera = _place(Vector((0, -distance, height)), Vector((0, 1, 0)), framing.lens)
    camera.shift_y = 0.14 if low else 0.0
    _focus(camera, distance - framing.reach, framing.fstop)
    return 0.0


def _place(at: Vector, look: Vector, lens: float) -> Any:
    camera = bpy.data.cameras.new("camera")
    thing = bpy.data.objects.new("camera", camera)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.scene.camera = thing
    thing.location = at
    thing.rotation_euler = look.to_track_quat("-Z", "Y").to_euler()
    camera.lens, camera.sensor_width, camera.clip_end = lens, SENSOR, 600
    return camera


def _focus(camera: Any, distance: float, fstop: float) -> None:
    camera.dof.use_dof = True
    camera.dof.focus_distance = distance
    camera.dof.aperture_fstop = fstop / 10  # 1 unit is 10 cm where the renderer thinks 1 m
    camera.dof.aperture_blades = 9
