"""One training of the bundled inpainter: where it writes, what it learns from, for how long."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingRun:
    """What is asked for on the command line."""

    out: Path
    work: Path
    scenes: Path | None
    plates: Path | None
    minutes: dict[str, float]
    ranks: int
    seed: int
    first: int = 64  # pictures that are encoded before the first step
    unseen: int = 16  # pictures for the figures
