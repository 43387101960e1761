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
    first: int = 64  # pictures that are drawn before the first step
    unseen: int = 16  # pictures for the figures
    device: str = "cpu"
    hands: int = 0  # processes that draw beside each that learns; 0: it draws itself
    batch: int = 16  # pictures of 128 px a step, and crops of 64 px
    kept: int = 5000  # latents of each size
    rate: float = 7e-4  # the painter's
    start: Path | None = None  # a model folder whose painter learns on, in place of a new one
    share: float = 1.0  # of what is learnt on in the weights that are written, the rest is the start's
    traced: float = 0.6  # share of path-traced scenes and staged plates in what the painter sees, where there are any
