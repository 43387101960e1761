"""One or several training processes that learn side by side and average their weights now and then.

Local SGD (Stich 2019, arXiv:1805.09767): with two cores shared with other work, one all-reduce per step left each
process
waiting for the other half of the time; averaging by the clock lets both run freely in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed
from torch import Tensor


@dataclass(frozen=True)
class Ranks:
    """This process's number among `world` equal ones."""

    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """True for the one process that writes files and reports."""
        return self.rank == 0

    @torch.no_grad()
    def average(self, parameters: Sequence[Tensor], fraction: float) -> float:
        """Average weights in place over all processes; returns the average of their progress (0..1)."""
        if self.world == 1:
            return fraction
        flat = torch.cat([*(p.detach().reshape(-1) for p in parameters), torch.tensor([fraction])])
        torch.distributed.all_reduce(flat)
        flat /= self.world
        offset = 0
        for parameter in parameters:
            parameter.copy_(flat[offset : offset + parameter.numel()].view_as(parameter))
            offset += parameter.numel()
        return float(flat[-1])


ALONE = Ranks()


def join(rank: int, world: int, meeting: Path) -> Ranks:
    """Meet the other processes at a file (gloo, CPU). One process alone meets nobody."""
    if world > 1:
        torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    return Ranks(rank, world)
