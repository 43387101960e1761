"""Pictures kept for crops; each call lets fresh ones in, so the pool has no end."""

import torch
from torch import Tensor

from bundled.training.inpainter.pools.drawing import Arrivals
from bundled.training.inpainter.pools.encoding import in_range
from bundled.training.inpainter.pools.ring import Ring


class PicturePool:
    """Square pictures of one size on a device."""

    def __init__(self, arrivals: Arrivals, *, capacity: int, first: int, device: torch.device) -> None:
        self.arrivals, self.ring = arrivals, Ring(capacity, device)
        while len(self.ring) < min(first, capacity):
            self.ring.let_in(arrivals.next())

    def __call__(self, count: int, side: int, numbers: torch.Generator) -> Tensor:
        """count x 3 x side x side crops in -1..1; `numbers` are of the pool's device."""
        for chunk in self.arrivals.ready() if self.arrivals.hands else [self.arrivals.next()]:
            self.ring.let_in(chunk)
        return in_range(self._crops(count, side, numbers))

    def _crops(self, count: int, side: int, numbers: torch.Generator) -> Tensor:
        pictures, steps_S = self.ring.planes["pictures"], torch.arange(side, device=self.ring.device)
        places_B = self._drawn(len(self.ring), count, numbers)
        room = pictures.shape[-1] - side + 1
        rows_BS, columns_BS = (self._drawn(room, count, numbers)[:, None] + steps_S for _ in range(2))
        crops_BHWC = pictures[places_B[:, None, None], :, rows_BS[:, :, None], columns_BS[:, None, :]]
        return crops_BHWC.permute(0, 3, 1, 2)

    def _drawn(self, below: int, count: int, numbers: torch.Generator) -> Tensor:
        return torch.randint(below, (count,), generator=numbers, device=self.ring.device)
