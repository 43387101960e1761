"""Examples as latents, used many times and renewed a few at a time."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from bundled.training.inpainter.pools.drawing import CAPTIONS, Arrivals, Chunk
from bundled.training.inpainter.pools.ring import Ring

GROWN = 500  # a younger pool takes three times as many fresh chunks per draw


class LatentPool:
    """Encoded examples of one size; fresh ones take the place of the oldest."""

    def __init__(
        self, arrivals: Arrivals, encode: Callable[[Chunk], Chunk], *, capacity: int, device: torch.device
    ) -> None:
        self.arrivals, self.encode = arrivals, encode
        self.ring = Ring(capacity, device)

    def fill(self, count: int) -> None:
        """Encode chunks until there are `count` examples."""
        while len(self.ring) < min(count, self.ring.capacity):
            self._let_in([self.arrivals.next()])

    def welcome(self) -> None:
        """Let in what others have drawn meanwhile."""
        self._let_in(self.arrivals.ready())

    def batch(self, count: int, empty_L: Tensor, rng: np.random.Generator, *, dropout: float) -> Chunk:
        """latents, masked, mask and ids (B,L), one caption of each; with probability `dropout` none (guidance)."""
        if not self.arrivals.hands or not len(self.ring):
            self._let_in([self.arrivals.next() for _ in range(1 if len(self.ring) > GROWN else 3)])
        rows = self.ring.rows(self._numbers(rng, len(self.ring), count))
        ids_BKL = rows.pop("ids").long()
        ids_BL = ids_BKL[torch.arange(count, device=ids_BKL.device), self._numbers(rng, CAPTIONS, count)]
        silent_B = torch.from_numpy(rng.random(count) < dropout).to(ids_BL.device)
        return rows | {"ids": torch.where(silent_B[:, None], empty_L.to(ids_BL.device), ids_BL)}

    def _numbers(self, rng: np.random.Generator, below: int, count: int) -> Tensor:
        return torch.from_numpy(rng.integers(0, below, count)).to(self.ring.device)

    def _let_in(self, chunks: list[Chunk]) -> None:
        if chunks:
            self.ring.let_in(self.encode({name: torch.cat([chunk[name] for chunk in chunks]) for name in chunks[0]}))
