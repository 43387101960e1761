"""Where to look: how far each pixel is from the backdrop and how rare it is; and the prompts that follow. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.segmenter.backdrops import Backdrop, Floats
from shared.contracts.images import Pixels

Point = tuple[float, float]
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Prompt:
    """Points (x, y) with labels (1 product, 0 background) and a box (left, top, right, bottom), as fractions."""

    name: str
    points: tuple[Point, ...]
    labels: tuple[int, ...]
    box: tuple[float, float, float, float]


def saliency_of(rgb: Pixels, lab_HW3: Floats, backdrop: Backdrop) -> Floats:
    """A map (H, W) in 0..1: difference from the backdrop, lifted where the spectrum is unusual and near the middle."""
    away = np.linalg.norm(lab_HW3 - backdrop.ground, axis=2)
    full = max(6.0, 4.0 * backdrop.noise, float(np.percentile(away, 98)) * 0.35)
    apart = np.clip((away - 2.5 * backdrop.noise) / full, 0.0, 1.0)
    if backdrop.kind == "plain":
        return np.asarray(cv2.GaussianBlur(apart.astype(np.float32), (0, 0), 1.0))
    height, width = apart.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    prior = np.exp(-(x**2 + y**2) / 0.7)
    mixed = (0.6 * apart + 0.4 * spectral_residual(rgb)) * prior
    return np.asarray(np.clip(mixed / max(1e-6, float(np.percentile(mixed, 98))), 0.0, 1.0), dtype=np.float32)


def spectral_residual(rgb: Pixels) -> Floats:
    """What the average spectrum does not explain (Hou and Zhang, 2007), (H, W) in 0..1."""
    grey = cv2.cvtColor(cv2.resize(rgb, (64, 64), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    spectrum = np.fft.fft2(grey.astype(np.float64))
    logs = np.log(np.abs(spectrum) + 1e-6)
    residual = np.exp(logs - cv2.blur(logs, (3, 3)) + 1j * np.angle(spectrum))
    found = cv2.GaussianBlur(np.abs(np.fft.ifft2(residual)) ** 2, (0, 0), 2.5)
    found = cv2.resize(found, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(found / max(1e-9, float(found.max())), dtype=np.float32)


def prompts_from(saliency_HW: Floats) -> tuple[Prompt, ...]:
    """Two prompts: the salient region's box with points in and outside it, and the frame with a point inside."""
    height, width = saliency_HW.shape
    region = saliency_HW >= max(0.25, 0.5 * float(saliency_HW.max()))
    region &= saliency_HW > 0
    if not region.any():
        return (Prompt("frame", ((0.5, 0.5),), (-1,), WHOLE),)
    inside = _spread(np.where(region, saliency_HW, 0.0), count=3)
    outside = _spread(1.0 - saliency_HW, count=2)
    ys, xs = np.nonzero(region)
    low, high = 0.5, 99.5  # a few stray pixels must not stretch the box
    left, right = np.percentile(xs, [low, high]) / width
    top, bottom = np.percentile(ys, [low, high]) / height
    box = (float(left), float(top), float(right), float(bottom))
    return (
        Prompt("salient", inside + outside, (1,) * len(inside) + (0,) * len(outside), box),
        Prompt("frame", inside[:1], (1,), WHOLE),
    )


def _spread(weight_HW: Floats, *, count: int) -> tuple[Point, ...]:
    """`count` points deep inside the heavy region, far from each other: maxima of the distance to its edge."""
    height, width = weight_HW.shape
    free = (weight_HW >= 0.5 * weight_HW.max()).astype(np.uint8)
    points: list[Point] = []
    for _ in range(count):
        depth = cv2.distanceTransform(np.pad(free, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        y, x = np.unravel_index(int(np.argmax(depth)), depth.shape)
        if points and depth[y, x] < 1:
            break
        points.append(((float(x) + 0.5) / width, (float(y) + 0.5) / height))
        cv2.circle(free, (int(x), int(y)), max(2, int(depth[y, x] * 1.2)), 0, -1)
    return tuple(points[index % len(points)] for index in range(count))
