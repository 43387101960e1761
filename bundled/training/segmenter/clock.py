"""How long a training may go on."""

import time
from collections.abc import Mapping


class TrainingClock:
    """How much of the allowed processor time or wall time is used, whichever is further; a part of a resumed run."""

    def __init__(self, processor_s: float, wall_s: float) -> None:
        self._limits = processor_s, wall_s
        self._started = time.process_time(), time.monotonic()

    def state_dict(self) -> dict[str, float]:
        """Seconds used."""
        processor, wall = self._used()
        return {"processor": processor, "wall": wall}

    def load_state_dict(self, state_dict: Mapping[str, float]) -> None:
        """As if `state_dict` had been used before."""
        self._started = time.process_time() - state_dict["processor"], time.monotonic() - state_dict["wall"]

    def done(self) -> float:
        """0 at the start, 1 when time is up."""
        return max(used / limit for used, limit in zip(self._used(), self._limits, strict=True))

    def figures(self) -> dict[str, float]:
        """Minutes used, for the model card."""
        processor, wall = self._used()
        return {"processor_minutes": round(processor / 60, 1), "wall_minutes": round(wall / 60, 1)}

    def _used(self) -> tuple[float, float]:
        return time.process_time() - self._started[0], time.monotonic() - self._started[1]
