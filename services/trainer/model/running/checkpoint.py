"""Atomic checkpoints of a run, weights to random numbers and clock: a resumed run goes on exactly."""

import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from shared.contracts.errors import Permanent


class Averages:
    """Exponential moving average of parameters (EMA), with a warm-up so that short runs are not tied to their start."""

    def __init__(self, parameters: list[Tensor], decay: float) -> None:
        self.parameters, self.decay, self.steps = parameters, decay, 0
        self.shadow = [p.detach().clone() for p in parameters]

    @torch.no_grad()
    def update(self) -> None:
        """Move every average a little towards its parameter."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.shadow, [p.detach() for p in self.parameters], 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange parameters and averages; call again to exchange them back."""
        for average, parameter in zip(self.shadow, self.parameters, strict=True):
            kept = parameter.detach().clone()
            parameter.copy_(average)
            average.copy_(kept)


def save(
    path: Path,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    averages: Averages,
    norms: list[float],
    *,
    step: int,
    seconds: float,
) -> None:
    """Write beside and rename: a killed process leaves the old checkpoint whole."""
    state = {
        "module": module.state_dict(),
        "optimizer": optimizer.state_dict(),
        "shadow": averages.shadow,
        "averaged": averages.steps,
        "norms": norms,
        "step": step,
        "seconds": seconds,
        "random": torch.get_rng_state(),
    }
    write(path, state)


def write(path: Path, state: Mapping[str, Any]) -> None:
    """torch.save under a temporary name, flushed to disk, then renamed over `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        torch.save(dict(state), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def load(
    path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, averages: Averages, norms: list[float]
) -> tuple[int, float]:
    """Restore everything in place; returns (step, seconds trained). A missing file means a fresh start: (0, 0.0).

    Raises Permanent (`checkpoint_does_not_fit`) for a pickle that holds more than tensors, or one of another model.
    """
    if not path.exists():
        return 0, 0.0
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        module.load_state_dict(state["module"])
        optimizer.load_state_dict(state["optimizer"])
        loaded = [average.to(p.device) for average, p in zip(state["shadow"], averages.parameters, strict=True)]
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, pickle.UnpicklingError, EOFError) as error:
        words = (
            f"the checkpoint of this job is none of this model: {str(error)[:300]}; ask for the job under another id"
        )
        raise Permanent("checkpoint_does_not_fit", words) from error
    averages.shadow = loaded
    norms[:] = state.get("norms", [])
    averages.steps = int(state["averaged"])
    torch.set_rng_state(state["random"])
    return int(state["step"]), float(state["seconds"])
