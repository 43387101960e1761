"""What training means here: a plan, a trainer that follows it, a model that comes out. Knows no Kafka, store or torch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from shared.contracts.events import TrainingStage

HELD_OUT = "held_out_loss"
HELD_OUT_BASE = "base_held_out_loss"


@dataclass(frozen=True)
class TrainingPlan:
    """One training run. `base`: folder (or hub id) of the model to start from; `size` in pixels."""

    stage: TrainingStage
    base: Path
    steps: int
    batch: int
    rank: int
    learning_rate: float
    size: int
    seed: int


@dataclass(frozen=True)
class Progress:
    """Where a run stands after `step` of `steps`; `eta_s` is the expected time left in seconds."""

    step: int
    steps: int
    loss: float
    samples_per_s: float
    eta_s: float


@dataclass(frozen=True)
class TrainedModel:
    """What a run made: a safetensors file (or a folder in the diffusers layout) and what was measured on it.

    `metrics` has HELD_OUT, the loss on the samples with split `held`, and HELD_OUT_BASE, the loss of the model it
    started from on the same samples with the same noise; without the latter there was nothing to compare with.
    """

    weights: Path
    metrics: dict[str, float] = field(default_factory=dict)


class Trainer(Protocol):
    """Follows a plan. Resumes by itself from the newest checkpoint in `work`.

    A checkpoint is a folder `work/checkpoints/<step>` that appears complete, by a rename.
    """

    def train(
        self, plan: TrainingPlan, samples: Path, work: Path, progress: Callable[[Progress], None]
    ) -> TrainedModel:
        """Train on the dataset in folder `samples` (manifest.json and shards). What `progress` raises ends the run."""
        ...
