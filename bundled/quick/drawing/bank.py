"""A stock of drawn tiles of each kind that renews itself: most pictures find theirs already made."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.planes import Pixels

Maker = Callable[[Rng, int], Picture]  # (random numbers, side in px) -> side x side x 3; the bank cuts it to 0..1


class TextureBank:
    """Some drawn tiles per kind. One pick in `renewal` draws a fresh tile, so the supply has no end."""

    def __init__(self, makers: Mapping[str, Maker], side: int, per_kind: int = 24, renewal: int = 60) -> None:
        self.makers, self.side, self.per_kind, self.renewal = makers, side, per_kind, renewal
        self.tiles: dict[str, list[Pixels]] = {kind: [] for kind in makers}

    def pick(self, kind: str, rng: Rng) -> Pixels:
        """A tile of that kind; raises KeyError for a kind that nobody draws."""
        tiles = self.tiles[kind]
        # A bank fills slowly, so that the first pictures come at once and a short run pays for few tiles.
        if len(tiles) < 3 or (len(tiles) < self.per_kind and rng.random() < 3 / self.renewal):
            tiles.append(self._drawn(kind, rng))
            return tiles[-1]
        place = int(rng.integers(len(tiles)))
        if rng.random() < 1 / self.renewal:
            tiles[place] = self._drawn(kind, rng)
        return tiles[place]

    def _drawn(self, kind: str, rng: Rng) -> Pixels:
        """Bytes: a quarter of the memory, and scaling and blurring them takes less time too."""
        tile = np.ascontiguousarray(self.makers[kind](rng, self.side), np.float32)
        return np.asarray(cv2.convertScaleAbs(np.maximum(tile, 0, out=tile), alpha=255.0))
