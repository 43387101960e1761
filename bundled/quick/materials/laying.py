"""Lays a material down: in perspective up to a horizon, or seen from above; and where its far edge runs."""

import cv2
import numpy as np

from bundled.quick.drawing.bank import TextureBank
from bundled.quick.drawing.colours import Picture, any_word, shade_of
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.planes import Pixels
from bundled.quick.materials.surfaces import SURFACES

REACH = 0.06  # of the size: above and below the horizon, where ground and backdrop may meet
TINTED = {"linen", "velvet", "paper"}
PLAIN = {"acrylic", "sweep", "podium"}
WHITE = np.ones(3, np.float32)


def material(kind: str, colour: str, bank: TextureBank, rng: Rng) -> tuple[Pixels | None, Picture]:
    """The flat material, side x side x 3 (none for a plain one), and the colour (3,) to multiply it with."""
    if kind == "tiles":
        return bank.pick(f"tiles {colour}", rng), WHITE
    if kind in PLAIN:
        return None, shade_of(colour or any_word(rng), rng)
    return bank.pick(kind, rng), shade_of(colour, rng) if kind in TINTED else WHITE


def laid_down(tile: Pixels, size: int, horizon: float, first_row: int, rng: Rng) -> Pixels:
    """The tile as a plane from the horizon to the lower edge, from `first_row` on (over the horizon: its far edge)."""
    side = tile.shape[0]
    zoom, squeeze = rng.uniform(0.45, 0.95), rng.uniform(0.30, 0.62)
    near = side * zoom
    left, far = rng.uniform(0, side - near), side - 1.0
    source = np.asarray([[0, 0], [far, 0], [left + near, far], [left, far]], np.float32)
    if rng.random() < 0.5:  # mirrored: a tile of the bank looks another way each time
        source[:, 0] = far - source[:, 0]
    if rng.random() < 0.3:  # planks towards the camera instead of across
        source = source[:, ::-1]
    top = horizon * size - first_row
    inset = size * (1 / max(zoom * squeeze, 0.2) - 1) * 0.25
    bottom = size - first_row
    target = np.asarray([[-inset * 0.2, top], [size + inset * 0.2, top], [size, bottom], [0, bottom]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(source), target)
    return cv2.warpPerspective(tile, matrix, (size, bottom), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def from_above(tile: Pixels, size: int, rng: Rng) -> Pixels:
    """The tile filling the frame, turned and cropped: a flat lay."""
    side = tile.shape[0]
    matrix = cv2.getRotationMatrix2D(
        (side / 2, side / 2), float(rng.uniform(0, 360)), size / side * rng.uniform(1.0, 2.0)
    )
    matrix[:, 2] += size / 2 - side / 2
    return cv2.warpAffine(tile, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def meeting(size: int, horizon: float) -> slice:
    """The rows in which ground and backdrop meet: above is backdrop alone, below is ground alone."""
    return slice(max(0, int((horizon - REACH) * size)), min(size, int((horizon + REACH) * size) + 1))


def cover(kind: str, size: int, horizon: float, blur: float, rng: Rng) -> Picture:
    """How much of each pixel where they meet (rows x size, 0..1) is ground: a straight, a ragged or no edge."""
    rows, ragged = meeting(size, horizon), SURFACES[kind].ragged
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + np.float32(0.5 - horizon * size)
    softness = max(0.7, blur * 0.7) if kind != "sweep" else size * 0.12
    if ragged:
        bumps = cv2.resize(rng.standard_normal((1, 9), np.float32), (size, 1), interpolation=cv2.INTER_CUBIC)
        edge = size * ragged * (0.012 * bumps + 0.006 * rng.standard_normal((1, size), np.float32))
        reach = max(0.0, size * REACH - softness / 2 - 1)  # beyond it the rows are ground or backdrop alone
        y = y - np.minimum(np.maximum(edge, -reach), reach)
    covered = np.minimum(np.maximum(y / np.float32(softness) + np.float32(0.5), 0), 1)
    return np.ascontiguousarray(np.broadcast_to(covered, (rows.stop - rows.start, size)))
