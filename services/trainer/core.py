"""What training means here: a plan, a trainer that follows it, a model that comes out. No Kafka, store or torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from shared.contracts.datasets import DatasetManifest
from shared.contracts.errors import Permanent
from shared.contracts.events import TrainingRequested, TrainingStage

CHECKPOINT = "checkpoint.pt"
HELD_OUT = "held_out_loss"
HELD_OUT_BASE = "base_held_out_loss"


@dataclass(frozen=True)
class TrainingPlan:
    """One training run. `base`: folder (or hub id) of the model to start from; `size` in pixels.

    `start`: LoRA weights (safetensors) to continue from; a fresh LoRA when None.
    """

    stage: TrainingStage
    base: Path
    steps: int
    batch: int
    rank: int
    learning_rate: float
    size: int
    seed: int
    start: Path | None = None


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
    """Follows a plan. Resumes by itself from the checkpoint in `work`, if there is one.

    The checkpoint is the one file CHECKPOINT in `work`: all that an exact resume needs, replaced by a rename.
    """

    def train(
        self, plan: TrainingPlan, samples: Path, work: Path, progress: Callable[[Progress], None]
    ) -> TrainedModel:
        """Train on the dataset in folder `samples` (manifest.json and shards). What `progress` raises ends the run."""
        ...


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a stage uses where the request is silent."""

    steps: int
    batch: int
    rank: int
    learning_rate: float
    size: int


# Learning rates: stage 1 and 2 after EcomXL (1e-4 at batch 2048) scaled up for small batches and rank-16 adapters, as
# the LoRA papers do; `engaged` is brief and small, as Canvas describes its last stage.
RECIPES: Mapping[TrainingStage, Recipe] = {
    "foundation": Recipe(steps=20_000, batch=32, rank=16, learning_rate=3e-4, size=256),
    "inpaint": Recipe(steps=10_000, batch=32, rank=16, learning_rate=2e-4, size=256),
    "product": Recipe(steps=400, batch=8, rank=16, learning_rate=1e-4, size=256),
    "engaged": Recipe(steps=120, batch=8, rank=16, learning_rate=2e-4, size=256),
    "judge": Recipe(steps=400, batch=16, rank=16, learning_rate=3e-4, size=256),
}


def planned(request: TrainingRequested, recipe: Recipe, *, base: Path, start: Path | None) -> TrainingPlan:
    """The request's dials over the recipe's."""
    return TrainingPlan(
        stage=request.stage,
        base=base,
        start=start,
        steps=request.steps or recipe.steps,
        batch=request.batch or recipe.batch,
        rank=request.rank or recipe.rank,
        learning_rate=request.learning_rate or recipe.learning_rate,
        size=request.size or recipe.size,
        seed=request.seed,
    )


@dataclass(frozen=True)
class Promotion:
    """Whether a trained model goes into use, and why."""

    promoted: bool
    reason: Literal["better", "not_better", "not_measured", "nothing_to_beat"]


def judged(metrics: Mapping[str, float], *, min_gain: float) -> Promotion:
    """Promote only what is better: its held-out loss is below its base's by more than `min_gain` (a fraction)."""
    loss, loss_of_base = metrics.get(HELD_OUT), metrics.get(HELD_OUT_BASE)
    if loss is None or loss != loss:  # NaN is not a measurement
        return Promotion(False, "not_measured")
    if loss_of_base is None:
        return Promotion(True, "nothing_to_beat")
    return Promotion(True, "better") if loss < loss_of_base * (1.0 - min_gain) else Promotion(False, "not_better")


class Datasets(Protocol):
    """Released datasets."""

    def find(self, name: str, version: str) -> DatasetManifest:
        """The manifest; raises NotKnown when there is no such dataset or version."""
        ...

    def bring(self, name: str, version: str) -> Path:
        """A local folder with the manifest and every shard, verified; raises NotKnown for changed or missing bytes."""
        ...


class JobBook(Protocol):
    """Where accepted requests are written down."""

    def accept(self, request: TrainingRequested) -> bool:
        """Write it down once; False when this very request is known. BadRequest when its id belongs to another."""
        ...


@dataclass(frozen=True)
class AcceptTraining:
    """Checks a request and writes it into the ledger; the work is done elsewhere, so that no message is held."""

    book: JobBook
    datasets: Datasets
    stages: frozenset[TrainingStage]

    def __call__(self, request: TrainingRequested) -> bool:
        """True when the job is new. Raises Permanent for a stage nobody can train, NotKnown for an unknown dataset."""
        if request.stage not in self.stages:
            raise Permanent("stage_unavailable", f"no trainer for stage `{request.stage}` is installed here")
        manifest = self.datasets.find(request.dataset, request.dataset_version)
        if not manifest.shards:
            raise Permanent("dataset_empty", f"dataset {manifest.name} {manifest.version} has no samples to learn from")
        return self.book.accept(request)
