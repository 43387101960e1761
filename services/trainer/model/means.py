"""What the machine gives to a training of a painter."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.trainer.model.running.ranks import ALONE, Ranks
from shared.model.precision import Precision


@dataclass(frozen=True, kw_only=True)
class Means:
    """What the machine gives: `at_once` samples go through the UNet in one pass, a larger batch is accumulated.

    `frozen`: what weights that do not learn are kept in; bfloat16 halves them. `checkpointing`: whether activations are
    computed twice rather than kept; None for large UNets only.
    """

    device: str = "cpu"
    precision: Precision = "auto"
    frozen: Literal["float32", "bfloat16"] = "float32"
    at_once: int | None = None
    checkpointing: bool | None = None
    checkpoint_s: float = 20.0
    board: Path | None = None  # a folder for TensorBoard
    ranks: Ranks = ALONE
