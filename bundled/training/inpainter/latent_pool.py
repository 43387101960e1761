"""Examples as latents, used many times and renewed a few at a time."""

from collections.abc import Callable, Iterator

import numpy as np

from bundled.training.inpainter.encoding import Encoded
from services.trainer.model.lessons.data import Example

GROWN = 500  # a younger pool takes three times as many fresh examples per draw


class LatentPool:
    """Encoded examples of one size; every draw lets `per_draw` fresh ones in, over the oldest."""

    def __init__(
        self,
        fresh: Iterator[Example],
        encode_all: Callable[[list[Example]], list[Encoded]],
        *,
        capacity: int,
        per_draw: int,
    ) -> None:
        self.fresh, self.encode_all, self.capacity, self.per_draw = fresh, encode_all, capacity, per_draw
        self.entries: list[Encoded] = []
        self.place = 0

    def fill(self, count: int) -> None:
        """Encode `count` more examples now."""
        for start in range(0, count, 16):
            self._let_in(min(16, count - start))

    def draw(self, count: int, rng: np.random.Generator) -> list[Encoded]:
        """`count` entries at random."""
        self._let_in(self.per_draw if len(self.entries) > GROWN else 3 * self.per_draw)
        return [self.entries[k] for k in rng.integers(0, len(self.entries), count)]

    def _let_in(self, count: int) -> None:
        for entry in self.encode_all([next(self.fresh) for _ in range(count)]) if count else []:
            if len(self.entries) < self.capacity:
                self.entries.append(entry)
            else:
                self.entries[self.place] = entry
                self.place = (self.place + 1) % self.capacity
