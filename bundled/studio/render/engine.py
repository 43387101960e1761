"""The renderer: settings, one render to a linear picture, one to a mask, and the view transform to sRGB."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import OpenEXR
import PyOpenColorIO as Ocio
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from bundled.studio.plan.colours import LUMINANCE


def clear() -> None:
    """An empty scene; nothing of the last one stays in memory."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def prepare(size: int, samples: int, threads: int = 1, seed: int = 0) -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    _cycles(scene.cycles, samples, seed)
    render = scene.render
    render.resolution_x = render.resolution_y = size
    render.resolution_percentage = 100
    render.threads_mode, render.threads = "FIXED", threads
    render.use_compositing = render.use_sequencer = False
    render.film_transparent = False
    settings = render.image_settings
    settings.media_type = "IMAGE"
    settings.file_format, settings.color_depth, settings.exr_codec, settings.color_mode = (
        "OPEN_EXR",
        "16",
        "NONE",
        "RGBA",
    )


def _cycles(cycles: Any, samples: int, seed: int) -> None:
    cycles.device, cycles.samples, cycles.seed = "CPU", samples, seed % 2**31
    cycles.use_adaptive_sampling = cycles.use_light_tree = False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_prefilter, cycles.denoising_quality = "FAST", "HIGH"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 8, 2, 3
    cycles.transmission_bounces = cycles.transparent_max_bounces = 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.blur_glossy = 6, 1.0


def picture() -> np.ndarray:
    """The scene as the camera sees it: linear light, height x width x 3."""
    return _render()[..., :3]


def matte(product: list[Any], occluders: list[Any]) -> np.ndarray:
    """How much of each pixel the product covers, 0..1: sharp, without lens blur, so that edges are exact."""
    scene, layer = bpy.context.scene, bpy.context.view_layer
    others = [thing for thing in scene.objects if thing.type in ("MESH", "LIGHT", "CURVE") and thing not in product]
    for thing in others:
        thing.hide_render = thing not in occluders
        thing.is_holdout = thing in occluders
    scene.cycles.samples, scene.cycles.use_denoising = 16, False
    scene.camera.data.dof.use_dof = False
    scene.render.film_transparent = True
    layer.material_override = _white()
    _look_only_at(product)
    return np.clip(_render()[..., 3], 0, 1)


def _look_only_at(things: list[Any]) -> None:
    """Renders the window that holds the things; the rest of the picture stays empty."""
    scene = bpy.context.scene
    corners = [thing.matrix_world @ Vector(corner) for thing in things for corner in thing.bound_box]
    seen = np.array([world_to_camera_view(scene, scene.camera, corner) for corner in corners])
    if seen[:, 2].min() <= 0:  # reaches behind the camera
        return
    low, high = np.clip(seen[:, :2].min(0) - 0.02, 0, 1), np.clip(seen[:, :2].max(0) + 0.02, 0, 1)
    render = scene.render
    render.use_border, render.use_crop_to_border = True, False
    render.border_min_x, render.border_min_y = low
    render.border_max_x, render.border_max_y = high


def _white() -> Any:
    material = bpy.data.materials.new("white")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    glow, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(glow.outputs[0], output.inputs[0])
    return material


@contextmanager
def quiet() -> Iterator[None]:
    """The renderer writes its progress to file descriptor 1, past Python."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _render() -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "picture.exr")
        bpy.context.scene.render.filepath = path
        with quiet():
            bpy.ops.render.render(write_still=True)
        channels = OpenEXR.File(path, separate_channels=True).channels()
        return np.stack([np.asarray(channels[c].pixels, np.float32) for c in "RGBA"], -1)


@lru_cache(maxsize=4)
def _look(look: str) -> Any:
    places = [
        Path(bpy.utils.resource_path(kind)) / "datafiles/colormanagement/config.ocio" for kind in ("SYSTEM", "LOCAL")
    ]
    config = Ocio.Config.CreateFromFile(str(next(place for place in places if place.exists())))
    pipeline = Ocio.LegacyViewingPipeline()
    pipeline.setDisplayViewTransform(Ocio.DisplayViewTransform(src="scene_linear", display="sRGB", view="AgX"))
    pipeline.setLooksOverrideEnabled(True)
    pipeline.setLooksOverride(look)
    return pipeline.getProcessor(config).getDefaultCPUProcessor()


def viewed(linear: np.ndarray, factor: float, look: str = "AgX - Medium High Contrast") -> np.ndarray:
    """Linear light as a viewer's eye takes it, 0..1, before the black and white points are set."""
    pixels = np.ascontiguousarray(linear * factor, np.float32)
    _look(look).applyRGB(pixels)
    return pixels


def develop(linear: np.ndarray, factor: float) -> np.ndarray:
    """Linear light to an 8-bit sRGB picture."""
    pixels = viewed(linear, factor)
    return finish(pixels, points(pixels))


def points(pixels: np.ndarray, lowest_white: float = 0.86) -> tuple[float, float]:
    """Black and white points, as set after a shoot: the brightest part of a bright set becomes clean white."""
    grey = pixels.mean(-1)
    return min(0.05, float(np.percentile(grey, 0.3))), min(1.0, max(lowest_white, float(np.percentile(grey, 99.5))))


def balanced(linear: np.ndarray, tint: tuple[float, float, float], share: float = 0.15) -> np.ndarray:
    """Automatic white balance, which goes part of the way towards the lamp's colour."""
    cast = np.array(tint, np.float32) / (np.array(tint) @ np.array(LUMINANCE))
    return np.asarray(linear / cast**share, np.float32)


PLAIN = (0.9, 0.9)  # the view transform paints a little too bright
VIBRANT = (1.3, 0.88)  # and leaves pale paints too pale: cream, mint and sky blue would pass for white


def finish(pixels: np.ndarray, black_white: tuple[float, float], saturation: tuple[float, float] = PLAIN) -> np.ndarray:
    """8-bit sRGB between the black and white points; `saturation` of pale pixels, and of vivid ones."""
    black, white = black_white
    graded = (pixels - black) / (white - black) * 0.975
    grey = graded.mean(-1, keepdims=True)
    vivid = np.clip((graded.max(-1, keepdims=True) - graded.min(-1, keepdims=True)) / 0.4, 0, 1)
    graded = grey + (saturation[0] + (saturation[1] - saturation[0]) * vivid) * (graded - grey)
    return np.clip(graded * 255 + 0.5, 0, 255).astype(np.uint8)
