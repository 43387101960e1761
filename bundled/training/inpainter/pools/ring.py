"""Rows of tensors kept on a device, the oldest overwritten once there are `capacity`."""

import torch
from torch import Tensor

from bundled.training.inpainter.pools.drawing import Chunk


class Ring:
    """Every plane has the same rows; memory for all of them is taken with the first."""

    def __init__(self, capacity: int, device: torch.device) -> None:
        self.capacity, self.device = capacity, device
        self.planes: dict[str, Tensor] = {}
        self.let_in_so_far = 0

    def __len__(self) -> int:
        return min(self.capacity, self.let_in_so_far)

    def let_in(self, rows: Chunk) -> None:
        """Keep these rows, at most `capacity` of them."""
        count = len(next(iter(rows.values())))
        places = (self.let_in_so_far + torch.arange(count, device=self.device)) % self.capacity
        for name, plane in rows.items():
            if name not in self.planes:
                self.planes[name] = torch.empty(
                    (self.capacity, *plane.shape[1:]), dtype=plane.dtype, device=self.device
                )
            self.planes[name][places] = plane.to(self.device, non_blocking=True)
        self.let_in_so_far += count

    def rows(self, places: Tensor) -> Chunk:
        """The rows at these places."""
        return {name: plane[places] for name, plane in self.planes.items()}
