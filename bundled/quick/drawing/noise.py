"""Value noise and the few ways to use it: as a tint, a factor, a cover, or a push to one side."""

from functools import cache

import cv2
import numpy as np

from bundled.quick.drawing.colours import Picture

Rng = np.random.Generator
FIELD_PX = 1024


@cache
def _field(length: int) -> Picture:
    """White noise (length x length), one for all: cutting a piece from it costs a tenth of drawing one.

    It is drawn in doubles on purpose: once so much memory was freed, glibc keeps smaller arrays for the next picture
    instead of handing each back to the system, and tiles are drawn in half the time.
    """
    return np.random.default_rng(0).standard_normal((length, length)).astype(np.float32)


def grain(rng: Rng, rows: int, columns: int) -> Picture:
    """White noise (rows x columns) with deviation 1: a random piece of the one field, either way round, read only."""
    field = _field(max(FIELD_PX, 1 << max(rows, columns).bit_length()))
    y, x = (int(rng.random() * (field.shape[0] - length)) for length in (rows, columns))
    piece, turn = field[y : y + rows, x : x + columns], int(rng.random() * 4)
    return piece[:: -1 if turn & 1 else 1, :: -1 if turn & 2 else 1]


def noise(rng: Rng, side: int, cells_y: float, cells_x: float, octaves: int = 4, gain: float = 0.55) -> Picture:
    """Value noise (side x side) with mean 0 and deviation about 1; unequal cells stretch it."""
    total = np.zeros((1, 1), np.float32)
    for octave in range(octaves):
        rows, columns = (int(min(side, max(2, cells * 2**octave))) for cells in (cells_y, cells_x))
        # Coarse octaves grow with the finer ones: only the last step costs a whole tile.
        total = cv2.resize(total, (columns, rows), interpolation=cv2.INTER_CUBIC)
        total += np.float32(gain**octave) * grain(rng, rows, columns)
    total = cv2.resize(total, (side, side), interpolation=cv2.INTER_CUBIC)
    mean, deviation = (float(value.item()) for value in cv2.meanStdDev(total))
    total -= np.float32(mean)
    total *= np.float32(1 / (deviation + 1e-6))
    return total


def tinted(value: Picture, dark: Picture, light: Picture) -> Picture:
    """Grey values 0..1 spread between two colours."""
    t = np.clip(np.asarray(value, np.float32), np.float32(0), np.float32(1))
    return np.asarray(cv2.merge([t * (li - d) + d for d, li in zip(dark, light, strict=True)]))


def scaled(tile: Picture, value: Picture) -> Picture:
    """Each pixel of the tile (side x side x 3) times its value (side x side)."""
    return np.asarray(cv2.multiply(tile, grey(value)))


def mixed(below: Picture, above: Picture, cover: Picture) -> Picture:
    """`above` over `below` (both side x side x 3) as far as `cover` (side x side, 0..1) says."""
    cover = np.asarray(cover, np.float32)
    return np.asarray(cv2.blendLinear(below, above, 1 - cover, cover))


def grey(value: Picture) -> Picture:
    """The same value in all three channels."""
    return np.asarray(cv2.merge([np.asarray(value, np.float32)] * 3))


def warped(tile: Picture, rng: Rng, strength: float, cells: float) -> Picture:
    """The tile with its coordinates pushed about by noise; strength in px."""
    side = tile.shape[0]
    line = np.arange(side, dtype=np.float32)
    x = line[None] + np.float32(strength) * noise(rng, side, cells, cells, 2)
    y = line[:, None] + np.float32(strength) * noise(rng, side, cells, cells, 2)
    return cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
