"""One part of a product, placed in the frame and painted: how much of each pixel it covers, and its form shading."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.planes import Planes, blend, per_plane
from bundled.quick.products.outlines import Part, Points

OVERSAMPLING = 3  # masks are filled this much finer and averaged: alpha is exact to 1/9 of a pixel
Window = tuple[slice, slice]  # rows and columns


@dataclass(frozen=True)
class Brush:
    """How parts are painted: px per unit, the light's side (-1 from the left .. 1 from the right), their shine."""

    scale: float
    light_x: float
    gloss: float


@dataclass(frozen=True)
class Piece:
    """A part, the rows and columns that it may touch, and in px from their corner: its outline, and its left, top,
    right and bottom."""

    part: Part
    box: Window
    outline_px: Points
    sides_px: tuple[float, float, float, float]

    @property
    def visible(self) -> bool:
        """Whether any of it is in the frame."""
        rows, columns = self.box
        return rows.stop > rows.start and columns.stop > columns.start


def extents(parts: list[Part]) -> npt.NDArray[np.float64]:
    """Least x, least y, most x, most y of each part, N x 4."""
    starts = np.cumsum([0, *(len(part.outline) for part in parts[:-1])])
    points = np.concatenate([part.outline for part in parts])
    return np.concatenate([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)], 1)


def placed(
    parts: list[Part], sides: npt.NDArray[np.float64], scale: float, centre_x: float, base_y: float, size: int
) -> Iterator[Piece]:
    """The parts in a frame of size x size px, y down; `sides` are their extents."""
    flip = np.asarray((scale, -scale))
    corners = sides.reshape(-1, 2, 2) * flip + (centre_x, base_y)
    for part, ((left, bottom), (right, top)) in zip(parts, corners.tolist(), strict=True):
        margin = part.stroke * scale / 2 + 2
        rows = slice(max(int(top - margin), 0), min(int(bottom + margin) + 1, size))
        columns = slice(max(int(left - margin), 0), min(int(right + margin) + 1, size))
        x, y = columns.start, rows.start
        outline_px = part.outline * flip + (centre_x - x, base_y - y)
        yield Piece(part, (rows, columns), outline_px, (left - x, top - y, right - x, bottom - y))


def add(image: Planes, alpha: Picture, piece: Piece, ink: Picture, brush: Brush) -> None:
    """Paints a visible piece into the frame's colour (3 x size x size) and alpha (size x size), in place."""
    within = alpha[piece.box]
    cover = _cover(piece, within.shape, brush.scale)
    if piece.part.cut:
        within *= 1 - cover
        return
    shade = _form(piece, within.shape, brush) * np.float32(piece.part.tone)
    paint = per_plane(ink) * np.minimum(shade, np.float32(1))
    paint += np.maximum(shade - np.float32(1), np.float32(0))  # what is brighter than its colour is a highlight
    blend(image[:, *piece.box], np.minimum(paint, np.float32(1), out=paint), cover)
    within += cover * (1 - within)


def _cover(piece: Piece, shape: tuple[int, ...], scale: float) -> Picture:
    fine = np.zeros((shape[0] * OVERSAMPLING, shape[1] * OVERSAMPLING), np.uint8)
    points = [np.rint(piece.outline_px * (OVERSAMPLING * 16)).astype(np.int32)]
    if piece.part.stroke:
        width = max(1, round(piece.part.stroke * scale * OVERSAMPLING))
        cv2.polylines(fine, points, False, 255, width, cv2.LINE_8, 4)
    else:
        cv2.fillPoly(fine, points, 255, cv2.LINE_8, 4)
    return cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_AREA) * np.float32(1 / 255)


def _form(piece: Piece, shape: tuple[int, ...], brush: Brush) -> Picture:
    """Brightness by form: a cylinder (one row of it), a ball or a flat front (HxW); above 1 is a highlight."""
    left, top, right, bottom = piece.sides_px
    u, form = _across(shape[1], left, right)[None], piece.part.form
    if form == "round":
        return _lambert(0.62 * brush.light_x * u, 1 - u * u) + brush.gloss * _spark(u, 0.45 * brush.light_x, 0.12)
    v = _across(shape[0], top, bottom)[:, None]
    if form == "flat":
        return (0.92 + 0.08 * brush.light_x * u) - 0.04 * v
    glint = _spark(u, 0.45 * brush.light_x, 0.12) * (brush.gloss * _spark(v, -0.4, 0.35))
    return _lambert(0.62 * brush.light_x * u - 0.45 * v, (1 - u * u) - v * v) + glint


def _lambert(tilt: Picture, depth_squared: Picture) -> Picture:
    """What the light leaves on a curved side that is `tilt` towards it."""
    facing = tilt + 0.70 * np.sqrt(np.maximum(depth_squared, 0))
    return np.asarray(0.42 + 0.62 * np.minimum(np.maximum(facing, 0), 1), np.float32)


def _spark(place: Picture, middle: float, width: float) -> Picture:
    return np.asarray(np.exp(-(((place - middle) / width) ** 2)))


def _across(length: int, start: float, stop: float) -> Picture:
    """-1 at the start of a part .. 1 at its end, for each pixel."""
    half = max((stop - start) / 2, 1.0)
    line = np.arange(length, dtype=np.float32)
    return np.minimum(np.maximum((line + np.float32(0.5 - (start + stop) / 2)) * np.float32(1 / half), -1), 1)
