"""Shapes: planes, boxes, turned profiles, tubes along a path, height fields."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import bmesh
import bpy
import numpy as np
from mathutils import Vector

Point = tuple[float, float, float]
Face = tuple[int, ...]
Profile = Sequence[tuple[float, float]]


def put(
    mesh: Any,
    material: Any = None,
    at: Point = (0, 0, 0),
    turn: Point = (0, 0, 0),
    scale: Any = 1.0,
    name: str = "part",
) -> Any:
    """The mesh becomes an object of the scene."""
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    thing.location, thing.rotation_euler = at, turn
    thing.scale = scale if hasattr(scale, "__len__") else (scale, scale, scale)
    if material is not None and not mesh.materials:
        mesh.materials.append(material)
    return thing


def mesh_of(points: Any, faces: Any, smooth: bool = False) -> Any:
    mesh = bpy.data.meshes.new("mesh")
    mesh.from_pydata(points, [], faces)
    mesh.update()
    if smooth:
        mesh.shade_smooth()
    return mesh


def plane(material: Any, half_x: float, half_y: float, at: Point = (0, 0, 0), turn: Point = (0, 0, 0)) -> Any:
    points = [(-half_x, -half_y, 0), (half_x, -half_y, 0), (half_x, half_y, 0), (-half_x, half_y, 0)]
    return put(mesh_of(points, [(0, 1, 2, 3)]), material, at, turn)


def wall(material: Any, distance: float, half_width: float = 18, height: float = 26, bottom: float = -10) -> Any:
    return flat(plane(material, half_width, height / 2, (0, distance, bottom + height / 2), (math.pi / 2, 0, 0)))


def flat(thing: Any) -> Any:
    """Marks a thing that is seen straight in its own x and y: its pattern may be baked to a tile."""
    thing["flat"] = True
    return thing


def box(
    size: Point, material: Any, at: Point = (0, 0, 0), bevel: float = 0.03, turn: Point = (0, 0, 0), rounds: int = 3
) -> Any:
    shape = bmesh.new()
    bmesh.ops.create_cube(shape, size=1)
    bmesh.ops.scale(shape, vec=size, verts=shape.verts)
    if bevel:
        bevel = min(bevel, 0.45 * min(size))
        bmesh.ops.bevel(
            shape, geom=shape.edges[:] + shape.verts[:], offset=bevel, segments=rounds, affect="EDGES", profile=0.5
        )
    mesh = bpy.data.meshes.new("box")
    shape.to_mesh(mesh)
    shape.free()
    _smooth_but_edges(mesh)
    return put(mesh, material, at, turn)


def _smooth_but_edges(mesh: Any, degrees: float = 36) -> None:
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=math.radians(degrees))


def lathe(
    profile: Profile, material: Any, at: Point = (0, 0, 0), sides: int = 48, power: float = 2.0, flat: float = 1.0
) -> Any:
    """A (radius, height) profile turned about z; power above 2 squares the section, flat squeezes it in y."""
    points, faces = list[Point](), list[Face]()
    for radius, height in profile:
        for k in range(sides):
            x, y = _superellipse(2 * math.pi * k / sides, power)
            points.append((radius * x, radius * y * flat, height))
    for j in range(len(profile) - 1):
        faces += _ring(j * sides, (j + 1) * sides, sides)
    if profile[0][0] > 1e-3:
        faces.append(tuple(range(sides))[::-1])
    if profile[-1][0] > 1e-3:
        faces.append(tuple((len(profile) - 1) * sides + k for k in range(sides)))
    mesh = mesh_of(points, faces)
    mesh.validate()
    _smooth_but_edges(mesh)
    return put(mesh, material, at)


def _superellipse(angle: float, power: float) -> tuple[float, float]:
    x, y = math.cos(angle), math.sin(angle)
    if power == 2.0:
        return x, y
    return math.copysign(abs(x) ** (2 / power), x), math.copysign(abs(y) ** (2 / power), y)


def _ring(low: int, high: int, sides: int) -> list[Face]:
    return [(low + k, low + (k + 1) % sides, high + (k + 1) % sides, high + k) for k in range(sides)]


def rounded(profile: Profile, radius: float = 0.06, steps: int = 4) -> list[tuple[float, float]]:
    """The corners of a profile made round."""
    out = [profile[0]]
    for before, corner, after in zip(profile, profile[1:], profile[2:], strict=False):
        start, here, end = (np.array(p, float) for p in (before, corner, after))
        to_start, to_end = np.linalg.norm(start - here) + 1e-9, np.linalg.norm(end - here) + 1e-9
        reach = min(radius, to_start * 0.45, to_end * 0.45)
        first, last = here + (start - here) / to_start * reach, here + (end - here) / to_end * reach
        for t in np.linspace(0, 1, steps + 1):
            out.append(tuple((1 - t) ** 2 * first + 2 * t * (1 - t) * here + t * t * last))
    return [*out, profile[-1]]


def curve(profile: Profile, count: int = 24) -> list[tuple[float, float]]:
    """A smooth line through the points (Catmull-Rom)."""
    points = [np.array(p, float) for p in profile]
    points = [2 * points[0] - points[1], *points, 2 * points[-1] - points[-2]]
    out = []
    for i in range(1, len(points) - 2):
        a, b, c, d = points[i - 1 : i + 3]
        for t in np.linspace(0, 1, max(2, count // (len(points) - 3)), endpoint=False):
            out.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
                )
            )
    out.append(tuple(points[-2]))
    return [(max(0.0, x), y) for x, y in out]


def tube(path: Sequence[Point], radius: float, material: Any, sides: int = 12, flat: float = 1.0) -> Any:
    """A tube along a path; flat below 1 makes a strap of it."""
    line = [Vector(p) for p in path]
    points, faces = list[Point](), list[Face]()
    for i, here in enumerate(line):
        across, up = _frame(line[min(i + 1, len(line) - 1)] - line[max(i - 1, 0)])
        for k in range(sides):
            angle = 2 * math.pi * k / sides
            points.append(tuple(here + across * radius * flat * math.cos(angle) + up * radius * math.sin(angle)))
    for j in range(len(line) - 1):
        faces += _ring(j * sides, (j + 1) * sides, sides)
    faces += [tuple(range(sides))[::-1], tuple((len(line) - 1) * sides + k for k in range(sides))]
    return put(mesh_of(points, faces, smooth=True), material)


def _frame(along: Vector) -> tuple[Vector, Vector]:
    along = along.normalized()
    across = along.cross(Vector((0, 1, 0)))
    if across.length < 1e-3:
        across = along.cross(Vector((1, 0, 0)))
    across.normalize()
    return across, along.cross(across)


def loft(rings: Sequence[Sequence[Point]], material: Any) -> Any:
    """A skin over rings of equally many points."""
    sides = len(rings[0])
    points = [point for ring in rings for point in ring]
    faces: list[tuple[int, ...]] = []
    for j in range(len(rings) - 1):
        faces += _ring(j * sides, (j + 1) * sides, sides)
    faces += [tuple(range(sides))[::-1], tuple((len(rings) - 1) * sides + k for k in range(sides))]
    return put(mesh_of(points, faces, smooth=True), material)


def field(half_x: float, half_y: float, columns: int, rows: int, height: Callable[..., Any]) -> Any:
    """A grid of points lifted by height(x, y)."""
    x, y = np.meshgrid(np.linspace(-half_x, half_x, columns), np.linspace(-half_y, half_y, rows))
    points = np.stack([x, y, height(x, y) + 0 * x], -1).reshape(-1, 3)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    faces = np.stack([corner, corner + 1, corner + columns + 1, corner + columns], -1)
    return mesh_of(points.tolist(), faces.tolist(), smooth=True)


def hills(x: Any, y: Any, scale: float = 1.0, octaves: int = 4, seed: int = 0) -> Any:
    """Smooth random height: sums of bent sine waves."""
    chance = np.random.RandomState(seed % 2**32)
    total, weight = 0 * x, 1.0
    for octave in range(octaves):
        for _ in range(4):
            angle, phase = chance.uniform(0, 2 * math.pi, 2)
            pitch = scale * 1.9**octave * chance.uniform(0.7, 1.3)
            along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
            total = total + weight * 0.25 * np.sin(
                pitch * along + phase + 1.3 * np.sin(0.6 * pitch * across + 2 * phase)
            )
        weight *= 0.5
    return total
