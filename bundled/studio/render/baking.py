"""Bakes a material's pattern to two images: its colour, and its height and roughness."""

import os
from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
import OpenEXR

from bundled.studio.render import engine
from bundled.studio.render.meshes import plane

PIXELS, SIDE = 1024, 13.0  # a tile's pixels, and the units it covers


def inputs(material: Any) -> tuple[Any, Any, Any]:
    """Where colour, roughness and height go into the material; None without a relief."""
    nodes = material.node_tree.nodes
    solid = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    normal = solid.inputs["Normal"]
    relief = normal.links[0].from_node.inputs["Height"] if normal.is_linked else None
    return solid.inputs["Base Color"], solid.inputs["Roughness"], relief


def bake(material: Any, colour: Path, relief: Path) -> None:
    """Writes a JPEG (sRGB) and an EXR (red: height, green: roughness); the EXR last, whole or not at all."""
    _lay_out(material)
    paint, rough, height = inputs(material)
    _write_jpeg(colour, _shot(material, paint))
    _write_exr(relief, np.dstack([_shot(material, socket)[..., :1] for socket in (height, rough, None)]))


def _lay_out(material: Any) -> None:
    """A square of the material seen straight from above, nothing else."""
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    plane(material, SIDE / 2, SIDE / 2)
    camera = bpy.data.cameras.new("camera")
    camera.type, camera.ortho_scale = "ORTHO", SIDE
    thing = bpy.data.objects.new("camera", camera)
    thing.location = (0, 0, 10)
    scene = bpy.context.scene
    scene.collection.objects.link(thing)
    scene.camera = thing
    engine.prepare(PIXELS, samples=1)
    scene.cycles.use_denoising = False
    scene.cycles.pixel_filter_type = "BOX"


def _shot(material: Any, socket: Any) -> np.ndarray:
    """What flows into the socket, as light; black where nothing does."""
    if socket is None or not socket.is_linked:
        return np.zeros((PIXELS, PIXELS, 3), np.float32)
    tree = material.node_tree
    glow = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(socket.links[0].from_socket, glow.inputs["Color"])
    output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
    tree.links.new(glow.outputs[0], output.inputs["Surface"])
    return engine.picture()


def _write_jpeg(path: Path, linear: np.ndarray) -> None:
    bright = np.clip(linear, 0, 1)
    srgb = np.where(bright < 0.0031308, 12.92 * bright, 1.055 * bright ** (1 / 2.4) - 0.055)
    data = cv2.imencode(".jpg", (srgb[..., ::-1] * 255 + 0.5).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(data.tobytes())
    fresh.replace(path)


def _write_exr(path: Path, pixels: np.ndarray) -> None:
    fresh = path.with_name(f".{path.stem}.{os.getpid()}.exr")
    header = {"compression": OpenEXR.NO_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"RGB": np.ascontiguousarray(pixels, np.float16)}).write(str(fresh))
    fresh.replace(path)
