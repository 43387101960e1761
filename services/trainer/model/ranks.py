"""One or several training processes that agree on one gradient: a flat all-reduce per step, nothing when alone."""

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

    def agree(self, parameters: Sequence[Tensor], fraction: float) -> float:
        """Average gradients in place over all processes; returns the average of their progress (0..1)."""
        if self.world == 1:
            return fraction
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = torch.cat([*(g.reshape(-1) for g in gradients), torch.tensor([fraction])])
        torch.distributed.all_reduce(flat)
        flat /= self.world
        offset = 0
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = flat[offset : offset + gradient.numel()].view_as(gradient)
            offset += gradient.numel()
        return float(flat[-1])


def join(rank: int, world: int, meeting: Path) -> Ranks:
    """Meet the other processes at a file (gloo, CPU). One process alone meets nobody."""
    if world > 1:
        torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    return Ranks(rank, world)
