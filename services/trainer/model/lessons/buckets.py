"""Aspect-ratio buckets: pictures of like shape learn together, so that none is cut to a square. Sizes in pixels."""

import math
from functools import lru_cache

Frame = tuple[int, int]  # width, height

RATIOS = (1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0)  # width / height; beyond, a picture is cut
COARSE, FINE = 64, 32  # sides are multiples of it, at 512 px and more, and below
COARSE_FROM = 512


@lru_cache
def frames(size: int) -> tuple[Frame, ...]:
    """The buckets of about `size` x `size` pixels in area, the square among them."""
    step = COARSE if size >= COARSE_FROM else FINE
    shapes = ((size * math.sqrt(ratio), size / math.sqrt(ratio)) for ratio in RATIOS)
    found = [(_whole(width, step), _whole(height, step)) for width, height in shapes]
    return tuple(sorted({*found, (size, size)}))


def frame_of(width: int, height: int, size: int) -> Frame:
    """The bucket whose shape is nearest to that of a picture."""
    wanted = math.log(width / height)
    return min(frames(size), key=lambda frame: abs(math.log(frame[0] / frame[1]) - wanted))


def _whole(length: float, step: int) -> int:
    return max(step, round(length / step) * step)
