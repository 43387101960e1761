"""A training that may be ended at any step: the same command goes on from what was kept."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from services.trainer.model.running.checkpoint import write


class Stateful(Protocol):
    """A module, an optimizer, a schedule."""

    def state_dict(self) -> Any:
        """All that it needs to go on."""
        ...

    def load_state_dict(self, state_dict: Any) -> Any:
        """Be what `state_dict` says."""
        ...


class ResumePoint:
    """The newest kept state of a run, in one file that is whole or not there; gone when the run is over."""

    def __init__(self, file: Path, parts: Mapping[str, Stateful], *, every_s: float = 60.0) -> None:
        self.file, self.parts, self.every_s = file, parts, every_s
        self._began = self._kept = time.monotonic()
        self._seconds_before = 0.0

    def load(self) -> int:
        """The number of steps that were taken, every part as it was then; 0 where nothing was kept."""
        if not self.file.exists():
            return 0
        state = torch.load(self.file, map_location="cpu", weights_only=True)
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        torch.set_rng_state(state["random"])
        self._seconds_before = float(state["seconds"])
        print(f"going on from step {state['step']} of {self.file}", flush=True)
        return int(state["step"])

    @property
    def seconds(self) -> float:
        """How long the run has been going, without its interruptions."""
        return self._seconds_before + time.monotonic() - self._began

    def keep(self, step: int) -> None:
        """After every step; writes when the last time is `every_s` ago."""
        if time.monotonic() - self._kept < self.every_s:
            return
        state = {name: part.state_dict() for name, part in self.parts.items()}
        write(self.file, {**state, "random": torch.get_rng_state(), "step": step, "seconds": self.seconds})
        self._kept = time.monotonic()

    def over(self) -> None:
        """The model is written: the same command starts anew."""
        self.file.unlink(missing_ok=True)
