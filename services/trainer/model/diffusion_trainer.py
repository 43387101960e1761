"""The trainer of every stage that paints: one loop over a released dataset, what learns and what is hidden as data."""

import math
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from services.trainer.core import CHECKPOINT, Progress, TrainedModel, TrainingPlan, measured, nobody
from services.trainer.model import diffusion
from services.trainer.model.denoising import Denoising, Withdrawn
from services.trainer.model.examining.board import Board
from services.trainer.model.examining.critics import Critic
from services.trainer.model.examining.exam import Exam, ExamResults
from services.trainer.model.examining.watched import WatchedRun, both_sheet
from services.trainer.model.lessons.preparation import Lessons, Preparation
from services.trainer.model.means import Means
from services.trainer.model.pipeline_folder import Channels, read_base
from services.trainer.model.running.loop import Budget, Heartbeat, Recipe, fit
from services.trainer.model.short_attention import attend_shortly
from services.trainer.model.teaching import TEACHINGS, Teaching
from services.trainer.promotion import Paired
from services.trainer.stages import STAGES, Stage
from shared.contracts.errors import Permanent
from shared.model.precision import frozen_dtype

Stop = Callable[[], bool]
LARGE = 200_000_000  # parameters from which activations are computed twice rather than kept


@dataclass(frozen=True)
class TrainingCourse:
    """One training from its first step to its verdict: what learns what, where, and who may end it."""

    plan: TrainingPlan
    stage: Stage
    teaching: Teaching
    pipeline: Any
    lessons: Lessons
    work: Path
    stop: Stop
    withdrawn: Withdrawn

    @property
    def noise(self) -> diffusion.Noise:
        """As the base was trained on it."""
        return diffusion.Noise.of(self.pipeline.scheduler.config)


@dataclass(frozen=True)
class DiffusionTrainer:
    """Follows a TrainingPlan of the stages foundation, inpaint, product and engaged on bases of SD's and SDXL's
    layouts; resumes exactly from `work`."""

    means: Means = field(default_factory=Means)
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
        # what goes on is prepared as it began, and then leaves out who was withdrawn: it has learnt of them before
        gone = () if (work / CHECKPOINT).exists() else withdrawn()
        lessons = self._prepared(pipeline, plan, stage, samples, work, preparing, stop, gone)
        course = TrainingCourse(plan, stage, teaching, pipeline, lessons, work, stop, withdrawn)
        if self.means.ranks.first:
            return self._measured(course, progress)
        self._fit(course, self._task(course), lambda beat: None)  # it lends its hands: the first one measures and saves
        return TrainedModel(work)

    def _measured(self, course: TrainingCourse, progress: Callable[[Progress], None]) -> TrainedModel:
        """Train between two exams, and save what came of it."""
        plan, exam = course.plan, self._exam(course)
        base, rival = _before(course, exam)
        task = self._task(course)
        with Board(self.means.board and self.means.board / course.work.parent.name) as board:
            watched = WatchedRun(plan, self._batch(plan), progress, exam, course.pipeline, course.work, board)
            self._fit(course, task, watched)
        weights, figures = course.teaching.save(course.pipeline, plan, course.work / "model")
        answers, rival = exam.without_withdrawn(exam.answers(course.pipeline)), exam.without_withdrawn(rival)
        held = {name: Paired(scores, rival.scores[name]) for name, scores in answers.scores.items()}
        about = course.lessons.figures | {"held_samples": float(len(answers.scores["loss"]))}
        return TrainedModel(
            weights,
            measured(held, exam.without_withdrawn(base).scores["loss"]) | figures | about,
            held,
            course.lessons.keys,
            tuple(sorted(course.lessons.left_out)),
            both_sheet(exam, rival, answers, course.work),
        )

    def _exam(self, course: TrainingCourse) -> Exam:
        plan = course.plan
        looks = self.critics is not None and course.stage.hidden is not None and self.paints > 0
        return Exam.of(
            course.lessons,
            course.noise,
            course.pipeline.device,
            empty=plan.task.strip(),
            critic=self.critics(plan.judge) if looks and self.critics else None,
            paints=self.paints if looks else 0,
        )

    def _base(self, plan: TrainingPlan, stage: Stage, teaching: Teaching) -> Any:
        dtype = frozen_dtype(self.means.frozen) if stage.learns == "lora" else torch.float32
        channels: Channels = 9 if stage.hidden else 4
        pipeline = read_base(plan.base, channels, dtype=dtype, seed=plan.seed, exactly=not teaching.adapts)
        large = sum(parameter.numel() for parameter in pipeline.unet.parameters()) > LARGE
        if self.means.checkpointing or (self.means.checkpointing is None and large):
            pipeline.unet.enable_gradient_checkpointing()
        pipeline.vae.requires_grad_(False)
        attend_shortly(pipeline.unet)
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
        withdrawn: Collection[str],
    ) -> Lessons:
        folder = work / f"encoded-{self.means.ranks.rank}"
        shutil.rmtree(folder, ignore_errors=True)
        device = torch.device(self.means.device)
        preparation = Preparation(pipeline, plan, stage, folder, device, self.means.precision, done, stop, withdrawn)
        lessons = preparation.lessons(samples)
        if stage.learns == "lora":  # they are not saved again, and those of SDXL are 3 GB
            lessons.texts.forget_encoders()
            for name in ("text_encoder", "text_encoder_2"):
                if getattr(pipeline, name, None) is not None:
                    setattr(pipeline, name, None)
        return lessons

    def _task(self, course: TrainingCourse) -> Denoising:
        plan = course.plan
        torch.manual_seed(plan.seed)
        return Denoising(
            course.pipeline.unet,
            course.teaching.prepare(course.pipeline, plan),
            course.lessons,
            plan,
            self._at_once(plan),
            course.stage.dropout,
            plan.task.strip(),
            course.noise,
            self.means,
            course.withdrawn,
        )

    def _at_once(self, plan: TrainingPlan) -> int:
        """Samples of one pass: a batch is so many whole passes of every process."""
        share = max(1, plan.batch // self.means.ranks.world)
        return min(self.means.at_once or share, share)

    def _accumulate(self, plan: TrainingPlan) -> int:
        return max(1, math.ceil(plan.batch / (self._at_once(plan) * self.means.ranks.world)))

    def _batch(self, plan: TrainingPlan) -> int:
        return self._at_once(plan) * self._accumulate(plan) * self.means.ranks.world

    def _fit(self, course: TrainingCourse, task: Denoising, reporter: Callable[[Heartbeat], None]) -> None:
        plan = course.plan
        recipe = Recipe(
            plan.learning_rate,
            warmup_steps=max(1, min(20, plan.steps // 5)),
            ema=course.stage.ema,
            weight_decay=course.stage.weight_decay,
            checkpoint_s=self.means.checkpoint_s,
            accumulate=self._accumulate(plan),
        )
        budget, ranks, path = Budget(steps=plan.steps), self.means.ranks, course.work / CHECKPOINT
        fit(task, budget, recipe, path=path, ranks=ranks, report=reporter, stop=course.stop)


def _before(course: TrainingCourse, exam: Exam) -> tuple[ExamResults, ExamResults]:
    """What the base answers, and what is in use: where nothing is, the base."""
    pipeline, in_use = course.pipeline, course.plan.in_use
    base = exam.answers(pipeline) if in_use is None else ExamResults({"loss": exam.losses(pipeline.unet)})
    if not all(map(math.isfinite, base.scores["loss"])):
        raise Permanent(
            "loss_not_finite", "the base itself has no finite loss on the held-out samples; begin with another"
        )
    if in_use is None:
        return base, base
    with course.teaching.wearing(pipeline, in_use) as rival:
        return base, exam.answers(rival)


def _taught(plan: TrainingPlan) -> tuple[Stage, Teaching]:
    stage = STAGES[plan.stage]
    if stage.learns not in TEACHINGS:
        raise Permanent("stage_unavailable", f"stage `{plan.stage}` does not paint: another trainer has it")
    if plan.size % 32 or plan.size < 64:
        raise Permanent("size_unusable", f"size {plan.size}: pictures must be a multiple of 32 px, at least 64")
    return stage, TEACHINGS[stage.learns]
