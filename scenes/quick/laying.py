"""Lays a material down: in perspective up to a horizon, or seen from above; and where its far edge runs."""

import cv2
import numpy as np

from scenes.quick.colours import Picture, any_word, shade_of
from scenes.quick.surfaces import SURFACES
from scenes.quick.textures import Bank, Rng


def tile_of(kind: str, colour: str, bank: Bank, rng: Rng) -> Picture:
    """The flat material, side x side x 3, in its colour."""
    if kind == "tiles":
        return bank.pick(f"tiles {colour}", rng)
    if kind in {"linen", "velvet", "paper"}:
        return bank.pick(kind, rng) * shade_of(colour, rng)
    if kind in {"acrylic", "sweep", "podium"}:
        return np.broadcast_to(shade_of(colour or any_word(rng), rng), (bank.side, bank.side, 3)).astype(np.float32)
    return bank.pick(kind, rng)


def laid_down(tile: Picture, size: int, horizon: float, rng: Rng) -> Picture:
    """The tile as a plane from the horizon line to the lower edge, size x size x 3 (above the line: its far edge)."""
    side = tile.shape[0]
    zoom, squeeze = rng.uniform(0.45, 0.95), rng.uniform(0.30, 0.62)
    near = side * zoom
    left, far = rng.uniform(0, side - near), side - 1.0
    source = np.asarray([[0, 0], [far, 0], [left + near, far], [left, far]], np.float32)
    top = horizon * size
    inset = size * (1 / max(zoom * squeeze, 0.2) - 1) * 0.25
    target = np.asarray([[-inset * 0.2, top], [size + inset * 0.2, top], [size, size], [0, size]], np.float32)
    if rng.random() < 0.3:  # planks towards the camera instead of across
        tile = cv2.rotate(tile, cv2.ROTATE_90_CLOCKWISE)
    matrix = cv2.getPerspectiveTransform(source, target)
    return cv2.warpPerspective(tile, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def from_above(tile: Picture, size: int, rng: Rng) -> Picture:
    """The tile filling the frame, turned and cropped: a flat lay."""
    side = tile.shape[0]
    matrix = cv2.getRotationMatrix2D(
        (side / 2, side / 2), float(rng.uniform(0, 360)), size / side * rng.uniform(1.0, 2.0)
    )
    matrix[:, 2] += size / 2 - side / 2
    return cv2.warpAffine(tile, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def ground_mask(kind: str, size: int, horizon: float, blur: float, rng: Rng) -> Picture:
    """How much of each pixel (size x size, 0..1) is surface: a straight, a ragged or (sweep) no edge."""
    y = np.arange(size, dtype=np.float32)[:, None] + 0.5
    edge = np.full((1, size), horizon * size, np.float32)
    ragged = SURFACES[kind].ragged
    if ragged:
        bumps = cv2.resize(rng.standard_normal((1, 9)).astype(np.float32), (size, 1), interpolation=cv2.INTER_CUBIC)
        edge = (
            edge
            + size * 0.012 * ragged * bumps
            + size * 0.006 * ragged * rng.standard_normal((1, size)).astype(np.float32)
        )
    softness = max(0.7, blur * 0.7) if kind != "sweep" else size * 0.12
    return np.clip((y - edge) / softness + 0.5, 0, 1).astype(np.float32)
