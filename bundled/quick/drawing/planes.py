"""Pictures plane by plane (3xHxW): an HxW value meets three whole planes several times faster than HxWx3 pixels."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Planes = npt.NDArray[np.float32]  # 3xHxW, or what broadcasts to it, in 0..1
Pixels = npt.NDArray[np.uint8]  # HxWx3
ENOUGH_PX = 2.0  # a blur wider than this is made at half the resolution


def planes_of(pixels: Pixels) -> Planes:
    """3xHxW, still in 0..255: who lights it divides by 255 in the same go."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)


def pixels_of(planes: Planes) -> Pixels:
    """HxWx3 of non-negative planes; what is brighter than 1 is white."""
    return np.asarray(cv2.merge([cv2.convertScaleAbs(plane, alpha=255.0) for plane in planes]))


def per_plane(colour: npt.NDArray[np.float32]) -> Planes:
    """A colour (3,) as 3x1x1."""
    return colour[:, None, None]


def blend(below: Planes, above: Planes, cover: npt.NDArray[np.float32]) -> None:
    """Paints `above` over `below`, in place, where `cover` (HxW in 0..1) says so."""
    change = above - below
    change *= cover
    below += change


def shrunk(pixels: Pixels, width: int, height: int) -> Pixels:
    """Scaled to that size: at most by half in one step, where linear is as good as the mean over the area, and many
    times faster."""
    wide, tall = (2 if now > 2 * then else 1 for now, then in zip(pixels.shape[1::-1], (width, height), strict=True))
    if wide * tall > 1:
        pixels = shrunk(pixels, wide * width, tall * height)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR))


def softened(raster: npt.NDArray[Any], sigma_px: float) -> npt.NDArray[Any]:
    """A Gaussian blur of an HxW or HxWx3 raster; wide ones are made small, where they cost a fraction."""
    height, width = raster.shape[:2]
    if sigma_px <= ENOUGH_PX or min(height, width) < 8:
        return cv2.GaussianBlur(raster, (0, 0), sigma_px)
    half = cv2.resize(raster, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(softened(half, sigma_px / 2), (width, height), interpolation=cv2.INTER_LINEAR)
