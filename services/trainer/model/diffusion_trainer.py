"""The trainer of every stage that paints: one loop over a released dataset, what learns and what is hidden as data."""

import math
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from services.trainer.core import CHECKPOINT, Progress, TrainedModel, TrainingPlan, measured, nobody
from services.trainer.model import diffusion
from services.trainer.model.examining.board import Board
from services.trainer.model.examining.critics import Critic
from services.trainer.model.examining.exam import Exam, ExamResults
from services.trainer.model.examining.watched import WatchedRun, both_sheet
from services.trainer.model.lessons.cache import CachedCrop
from services.trainer.model.lessons.preparation import Lessons, Preparation
from services.trainer.model.pipeline_folder import Channels, read_base
from services.trainer.model.running.loop import Budget, Group, Heartbeat, Recipe, fit
from services.trainer.model.running.ranks import ALONE, Ranks
from services.trainer.model.teaching import TEACHINGS, Teaching
from services.trainer.promotion import Paired
from services.trainer.stages import STAGES, Stage
from shared.contracts.errors import Permanent
from shared.model.precision import Precision, autocast, frozen_dtype

Stop = Callable[[], bool]
Withdrawn = Callable[[], Collection[str]]
LARGE = 200_000_000  # parameters from which activations are computed twice rather than kept


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


@dataclass(frozen=True)
class DiffusionTrainer:
    """Follows a TrainingPlan of the stages foundation, inpaint, product and engaged on bases of SD's and SDXL's
    layouts; resumes exactly from `work`."""

    means: Means = Means()
    critics: Callable[[Path | None], Critic] | None = None  # look at what is painted; without them losses alone decide
    paints: int = 8  # held-out samples that both models paint

    def train(
        self,
        plan: TrainingPlan,
        samples: Path,
        work: Path,
        progress: Callable[[Progress], None],
        stop: Stop = lambda: False,
        withdrawn: Withdrawn = nobody,
    ) -> TrainedModel:
        """Train, measure on held-out samples, save, read back and compare.

        Raises Permanent for a stage, base or dataset that cannot be trained on, PromiseBroken if what was saved is not
        whole. What `progress` raises ends the run, and so does `stop`; the checkpoint stays.
        """
        stage, teaching = _taught(plan)
        pipeline = self._base(plan, stage, teaching)
        preparing = partial(progress, Progress(0, plan.steps, 0.0, 0.0, math.inf))
        lessons = self._prepared(pipeline, plan, stage, samples, work, preparing, stop)
        if not self.means.ranks.first:  # it only lends its hands: the first one measures and saves
            task = self._task(pipeline, lessons, plan, stage, teaching, withdrawn)
            self._fit(task, plan, stage, work, lambda beat: None, stop)
            return TrainedModel(work)
        exam = self._exam(pipeline, lessons, plan, stage)
        base = exam.answers(pipeline) if plan.in_use is None else ExamResults({"loss": exam.losses(pipeline.unet)})
        _check_finite(base)
        rival = base if plan.in_use is None else self._rival(pipeline, plan.in_use, teaching, exam)
        task = self._task(pipeline, lessons, plan, stage, teaching, withdrawn)
        with Board(self.means.board and self.means.board / work.parent.name) as board:
            watched = WatchedRun(plan, self._batch(plan), progress, exam, pipeline, work, board)
            self._fit(task, plan, stage, work, watched, stop)
        weights, figures = teaching.save(pipeline, plan, work / "model")
        answers = exam.answers(pipeline)
        held = {name: Paired(scores, rival.scores[name]) for name, scores in answers.scores.items()}
        about = {"samples": float(len(lessons.keys)), "held_samples": float(len(lessons.held.entries))}
        return TrainedModel(
            weights,
            measured(held, base.scores["loss"]) | figures | about,
            held,
            lessons.keys,
            tuple(sorted(task.left_out)),
            both_sheet(exam, rival, answers, work),
        )

    def _exam(self, pipeline: Any, lessons: Lessons, plan: TrainingPlan, stage: Stage) -> Exam:
        looks = self.critics is not None and stage.hidden is not None and self.paints > 0
        return Exam.of(
            lessons,
            diffusion.Noise.of(pipeline.scheduler.config),
            pipeline.device,
            empty=plan.task.strip(),
            critic=self.critics(plan.judge) if looks and self.critics else None,
            paints=self.paints if looks else 0,
        )

    def _rival(self, pipeline: Any, in_use: Path, teaching: Teaching, exam: Exam) -> ExamResults:
        with teaching.wearing(pipeline, in_use) as rival:
            return exam.answers(rival)

    def _base(self, plan: TrainingPlan, stage: Stage, teaching: Teaching) -> Any:
        dtype = frozen_dtype(self.means.frozen) if stage.learns == "lora" else torch.float32
        channels: Channels = 9 if stage.hidden else 4
        pipeline = read_base(plan.base, channels, dtype=dtype, seed=plan.seed, exactly=not teaching.adapts)
        large = sum(parameter.numel() for parameter in pipeline.unet.parameters()) > LARGE
        if self.means.checkpointing or (self.means.checkpointing is None and large):
            pipeline.unet.enable_gradient_checkpointing()
        pipeline.vae.requires_grad_(False)
        return pipeline.to(self.means.device)

    def _prepared(
        self,
        pipeline: Any,
        plan: TrainingPlan,
        stage: Stage,
        samples: Path,
        work: Path,
        done: Callable[[], None],
        stop: Stop,
    ) -> Lessons:
        folder = work / f"encoded-{self.means.ranks.rank}"
        shutil.rmtree(folder, ignore_errors=True)
        device = torch.device(self.means.device)
        preparation = Preparation(pipeline, plan, stage, folder, device, self.means.precision, done, stop)
        lessons = preparation.lessons(samples)
        if stage.learns == "lora":  # they are not saved again, and those of SDXL are 3 GB
            lessons.texts.forget_encoders()
            for name in ("text_encoder", "text_encoder_2"):
                if getattr(pipeline, name, None) is not None:
                    setattr(pipeline, name, None)
        return lessons

    def _task(
        self,
        pipeline: Any,
        lessons: Lessons,
        plan: TrainingPlan,
        stage: Stage,
        teaching: Teaching,
        withdrawn: Withdrawn,
    ) -> "Denoising":
        torch.manual_seed(plan.seed)
        parameters = teaching.prepare(pipeline, plan)
        return Denoising(
            pipeline.unet,
            parameters,
            lessons,
            plan,
            self._at_once(plan),
            stage.dropout,
            plan.task.strip(),
            diffusion.Noise.of(pipeline.scheduler.config),
            self.means,
            withdrawn,
        )

    def _at_once(self, plan: TrainingPlan) -> int:
        """Samples of one pass: a batch is so many whole passes of every process."""
        share = max(1, plan.batch // self.means.ranks.world)
        return min(self.means.at_once or share, share)

    def _accumulate(self, plan: TrainingPlan) -> int:
        return max(1, math.ceil(plan.batch / (self._at_once(plan) * self.means.ranks.world)))

    def _batch(self, plan: TrainingPlan) -> int:
        return self._at_once(plan) * self._accumulate(plan) * self.means.ranks.world

    def _fit(
        self,
        task: "Denoising",
        plan: TrainingPlan,
        stage: Stage,
        work: Path,
        reporter: Callable[[Heartbeat], None],
        stop: Stop,
    ) -> None:
        recipe = Recipe(
            plan.learning_rate,
            warmup_steps=max(1, min(20, plan.steps // 5)),
            ema=stage.ema,
            weight_decay=stage.weight_decay,
            checkpoint_s=self.means.checkpoint_s,
            accumulate=self._accumulate(plan),
        )
        budget, ranks = Budget(steps=plan.steps), self.means.ranks
        fit(task, budget, recipe, path=work / CHECKPOINT, ranks=ranks, report=reporter, stop=stop)


class Denoising:
    """Task: the noise in latents, of batches out of one bucket each."""

    def __init__(
        self,
        unet: Any,
        parameters: list[nn.Parameter],
        lessons: Lessons,
        plan: TrainingPlan,
        at_once: int,
        dropout: float,
        empty: str,
        schedule: diffusion.Noise,
        means: Means,
        withdrawn: Withdrawn,
    ) -> None:
        self.unet, self.lessons, self.plan, self.at_once = unet, lessons, plan, at_once
        self.dropout, self.empty, self.schedule, self.means, self.withdrawn = dropout, empty, schedule, means, withdrawn
        self.module: nn.Module = nn.ParameterList(parameters)
        self.groups = [Group([*parameters])]
        self.left_out: set[str] = set()
        self._known: set[str] = set()
        self._buckets = [entries for _, entries in lessons.learnt.by_frame()]

    def loss(self, step: int, fraction: float) -> Tensor:
        """The denoising loss of one batch; seed and step decide every draw, so a resumed run repeats none and skips
        none."""
        self._honour_withdrawals()
        rng = np.random.default_rng((self.plan.seed, step))
        numbers = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + step)
        batch = self._batch(rng)
        count = len(batch["latents"])
        timesteps_B = diffusion.stratified_timesteps(count, numbers)
        noise_BCHW = torch.randn(batch["latents"].shape, generator=numbers).to(self.means.device)
        with autocast(self.means.device, self.means.precision):
            return diffusion.denoising_loss(self.unet, batch, timesteps_B, noise_BCHW, self.schedule).mean()

    def _batch(self, rng: np.random.Generator) -> dict[str, Tensor]:
        sizes = np.asarray([len(entries) for entries in self._buckets], float)
        bucket = self._buckets[int(rng.choice(len(sizes), p=sizes / sizes.sum()))]
        entries = [bucket[k] for k in rng.integers(0, len(bucket), self.at_once)]
        batch = self.lessons.learnt.batch(entries, rng)
        batch |= self.lessons.texts.states([self._words(entry, rng) for entry in entries])
        return {name: tensor.to(self.means.device) for name, tensor in batch.items()}

    def _words(self, entry: CachedCrop, rng: np.random.Generator) -> str:
        """One of its captions; now and then none, so that guidance has something to turn away from."""
        if rng.random() < self.dropout:
            return self.empty
        return entry.captions[int(rng.integers(len(entry.captions)))]

    def _honour_withdrawals(self) -> None:
        """From the next batch on, nothing is drawn of a product whose owner said no while the run was going on."""
        new = set(self.withdrawn()) - self._known
        if not new:
            return
        self._known |= new
        products = {str(entry.product_id) for bucket in self._buckets for entry in bucket} & new
        self.left_out |= products
        self.lessons.learnt.forget(products)
        self._buckets = [entries for _, entries in self.lessons.learnt.by_frame()]
        if not self._buckets:
            raise Permanent("dataset_withdrawn", "every product of the dataset was withdrawn while it was trained on")


def _check_finite(base: ExamResults) -> None:
    if not all(map(math.isfinite, base.scores["loss"])):
        raise Permanent("loss_not_finite", "the base itself has no finite loss on the held-out samples")


def _taught(plan: TrainingPlan) -> tuple[Stage, Teaching]:
    stage = STAGES[plan.stage]
    if stage.learns not in TEACHINGS:
        raise Permanent("stage_unavailable", f"stage `{plan.stage}` does not paint: another trainer has it")
    if plan.size % 32 or plan.size < 64:
        raise Permanent("size_unusable", f"size {plan.size}: pictures must be a multiple of 32 px, at least 64")
    return stage, TEACHINGS[stage.learns]
