"""One or several training processes that learn side by side.

`Ranks` average their weights now and then: local SGD (Stich 2019, arXiv:1805.09767). With two cores shared with other
work, one all-reduce per step left each process waiting for the other half of the time.
`InStep` averages gradients in every step, so that several processes are one with a larger batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

    @property
    def in_step(self) -> bool:
        """Whether every process is at the same step at any time; then a run may end at each."""
        return self.world == 1

    def draw(self, number: int) -> int:
        """The number of the batch that this process draws where one alone would draw `number`."""
        return number

    def shared(self, parameters: Sequence[Tensor], loss: float) -> float:
        """Share what a step found; returns the loss of all that was shared. Here every process keeps its own."""
        return loss

    def agreed(self, flag: bool) -> bool:
        """Whether any process says so, where all go in step; else one's own word."""
        return flag

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


@dataclass(frozen=True)
class InStep(Ranks):
    """Processes that accelerate has brought together; every step is one step of all of them."""

    accelerator: Any = None

    @property
    def in_step(self) -> bool:
        """Always."""
        return True

    def draw(self, number: int) -> int:
        """Each process draws every `world`-th batch."""
        return number * self.world + self.rank

    @torch.no_grad()
    def shared(self, parameters: Sequence[Tensor], loss: float) -> float:
        """Average the gradients in place, in one message; returns the mean loss."""
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        device = gradients[0].device
        flat = torch.cat([*(one.reshape(-1).float() for one in gradients), torch.tensor([loss], device=device)])
        flat = self.accelerator.reduce(flat, "mean")
        offset = 0
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = flat[offset : offset + gradient.numel()].view_as(gradient).to(gradient.dtype)
            offset += gradient.numel()
        return float(flat[-1])

    def agreed(self, flag: bool) -> bool:
        """Whether any process says so."""
        said = torch.tensor([float(flag)], device=self.accelerator.device)
        return bool(self.accelerator.reduce(said, "sum") > 0)

    def average(self, parameters: Sequence[Tensor], fraction: float) -> float:
        """Weights never differ: they began alike, and every step was the same."""
        return fraction


ALONE = Ranks()


def together(device: str) -> Ranks:
    """The processes that a launcher started beside this one (RANK, WORLD_SIZE); alone where there was none."""
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=device == "cpu")
    if accelerator.num_processes == 1:
        return ALONE
    return InStep(accelerator.process_index, accelerator.num_processes, accelerator)


def join(rank: int, world: int, meeting: Path) -> Ranks:
    """Meet the other processes at a file (gloo, CPU). One process alone meets nobody."""
    if world > 1:
        torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    return Ranks(rank, world)
