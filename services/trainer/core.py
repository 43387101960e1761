"""What training means here: a plan, a trainer that follows it, a model that comes out. No Kafka, store or torch."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Protocol

from services.trainer.promotion import HeldOut
from services.trainer.stages import STAGES, Stage
from shared.contracts.datasets import DatasetManifest
from shared.contracts.errors import BadRequest, Permanent
from shared.contracts.events import TrainingRequested, TrainingStage

CHECKPOINT = "checkpoint.pt"
HELD_OUT = "held_out_loss"
HELD_OUT_BASE = "base_held_out_loss"


@dataclass(frozen=True)
class TrainingPlan:
    """One training run. `base`: folder (or hub id) of the model to start from; `size` in pixels.

    `start`: weights to continue from (a LoRA's safetensors); fresh ones when None. `in_use`: the weights to be beaten
    (a file, or a folder where all weights learn); the base itself when None. `seen`: keys of the samples that any of
    these has learnt from, on which nothing may be compared; `inherited`: of those that the run goes on from.
    `task`: words put before every caption. `judge`: folder of the judge in use, which compares; the installed one when
    None.
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
    in_use: Path | None = None
    seen: frozenset[str] = frozenset()
    inherited: frozenset[str] = frozenset()
    task: str = ""
    judge: Path | None = None


@dataclass(frozen=True)
class Progress:
    """Where a run stands after `step` of `steps`, 0 while it prepares; `eta_s` is the expected time left in seconds.

    Now and then with the loss on held-out samples at fixed noise, and with pictures (PNG files) of what it paints.
    """

    step: int
    steps: int
    loss: float
    samples_per_s: float
    eta_s: float
    validation_loss: float | None = None
    pictures: tuple[Path, ...] = ()


@dataclass(frozen=True)
class TrainedModel:
    """What a run made: a safetensors file or a folder as its library writes it, and what was measured on it.

    `metrics` are for people, and so is `sheet`, a picture of what both models paint; `held` decides whether the model
    goes into use. `learnt`: keys of the samples it has learnt from. `left_out`: products that were withdrawn while
    it was trained; it learnt nothing more of them.
    """

    weights: Path
    metrics: dict[str, float] = field(default_factory=dict)
    held: HeldOut = field(default_factory=dict)
    learnt: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    sheet: Path | None = None


def measured(held: HeldOut, base_losses: Sequence[float]) -> dict[str, float]:
    """Means on the held-out samples, for people: of the new model, of the one in use, and the bare base's loss."""
    means = {HELD_OUT_BASE: base_losses}
    for name, found in held.items():
        means |= {f"held_out_{name}": found.challenger, f"in_use_held_out_{name}": found.in_use}
    return {name: fmean(each) for name, each in means.items() if each}


class Stopped(Exception):
    """The service is shutting down; the job goes on elsewhere or later."""


def nobody() -> Collection[str]:
    """No product was withdrawn."""
    return ()


class Trainer(Protocol):
    """Follows a plan. Resumes by itself from the checkpoint in `work`, if there is one.

    The checkpoint is the one file CHECKPOINT in `work`: all that an exact resume needs, replaced by a rename.
    """

    def train(
        self,
        plan: TrainingPlan,
        samples: Path,
        work: Path,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool] = lambda: False,
        withdrawn: Callable[[], Collection[str]] = nobody,
    ) -> TrainedModel:
        """Train on the dataset in folder `samples` (manifest.json and shards). What `progress` raises ends the run.

        `stop` is asked before every step and every piece of preparation; once it says so, Stopped is raised.
        `withdrawn` is asked before every step: products of which nothing more may be learnt.
        """
        ...


def planned(
    request: TrainingRequested,
    stage: Stage,
    *,
    base: Path,
    start: Path | None = None,
    in_use: Path | None = None,
    seen: frozenset[str] = frozenset(),
    inherited: frozenset[str] = frozenset(),
    task: str = "",
    judge: Path | None = None,
) -> TrainingPlan:
    """The request's dials over the stage's."""
    return TrainingPlan(
        stage=request.stage,
        base=base,
        start=start,
        in_use=in_use,
        seen=seen,
        inherited=inherited,
        task=task,
        judge=judge,
        steps=request.steps or stage.steps,
        batch=request.batch or stage.batch,
        rank=request.rank or stage.rank,
        learning_rate=request.learning_rate or stage.learning_rate,
        size=request.size or stage.size,
        seed=request.seed,
    )


MOST_STEPS, MOST_BATCH, MOST_PIXELS, MOST_SEED = 1_000_000, 4096, 2048, 2**32
HIGHEST_RATE = 1.0


def checked(plan: TrainingPlan) -> TrainingPlan:
    """The plan itself; raises BadRequest when no run of it could end well, whatever the hardware."""
    if not 0.0 < plan.learning_rate <= HIGHEST_RATE:  # neither is NaN
        raise BadRequest(
            "learning_rate_unusable", f"learning rate {plan.learning_rate}: above 0, at most {HIGHEST_RATE}"
        )
    most = {"steps": MOST_STEPS, "batch": MOST_BATCH, "size": MOST_PIXELS, "seed": MOST_SEED}
    for dial, limit in most.items():
        if not 0 <= getattr(plan, dial) <= limit:
            raise BadRequest(f"{dial}_unusable", f"{dial} {getattr(plan, dial)}: at least 0, at most {limit}")
    return plan


class Datasets(Protocol):
    """Released datasets."""

    def find(self, name: str, version: str) -> DatasetManifest:
        """The manifest; raises NotKnown when there is no such dataset or version."""
        ...

    def bring(self, name: str, version: str, use: Callable[[str], Path]) -> Path:
        """A local folder with the manifest and every shard, verified; raises NotKnown for changed or missing bytes.

        `use`: which folder it is to be.
        """
        ...


class Bases(Protocol):
    """Base models that a request may name."""

    def name(self, request: TrainingRequested) -> str:
        """The base it is about, as events name it; raises BadRequest for one that is not offered here."""
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
    bases: Bases
    stages: frozenset[TrainingStage]

    def __call__(self, request: TrainingRequested) -> bool:
        """True when the job is new.

        Raises Permanent for a stage that is not offered, BadRequest for dials or a base that cannot be used, NotKnown
        for an unknown dataset.
        """
        offered(request.stage, self.stages)
        checked(planned(request, STAGES[request.stage], base=Path(self.bases.name(request))))
        manifest = self.datasets.find(request.dataset, request.dataset_version)
        if not manifest.shards:
            raise Permanent("dataset_empty", f"dataset {manifest.name} {manifest.version} has no samples to learn from")
        return self.book.accept(request)


def offered(stage: TrainingStage, stages: Collection[TrainingStage]) -> None:
    """Raises Permanent for a stage that is not one of `stages`."""
    if stage not in stages:
        raise Permanent("stage_unavailable", f"no trainer for stage `{stage}` is installed here")
