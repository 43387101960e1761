"""A trainer without a model: counts its runs, writes checkpoints, can be killed at a step, resumes as a real one."""

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from services.trainer.core import CHECKPOINT, Progress, Stopped, TrainedModel, TrainingPlan, measured, nobody
from services.trainer.promotion import Paired


class Killed(BaseException):
    """What a process sees of its own end; no `except Exception` may catch it."""


class FakeTrainer:
    """Its weights are the plan's seed and every step it took; `die_at` kills it once, after that step's checkpoint."""

    def __init__(self, *, losses: Sequence[float] = (0.5, 0.6, 0.4), die_at: int | None = None) -> None:
        """`losses`: of the new model on the held-out samples; the rival's is 1.0 on each."""
        self.held = {"loss": Paired(tuple(losses), (1.0,) * len(losses))}
        self.die_at = die_at
        self.error: Exception | None = None
        self.left_out: tuple[str, ...] = ()
        self.plans: list[TrainingPlan] = []
        self.samples: list[Path] = []
        self.steps: list[int] = []

    def train(
        self,
        plan: TrainingPlan,
        samples: Path,
        work: Path,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool] = lambda: False,
        withdrawn: Callable[[], Collection[str]] = nobody,
    ) -> TrainedModel:
        """Take `plan.steps` steps, each with a checkpoint."""
        self.plans.append(plan)
        self.samples.append(samples)
        work.mkdir(parents=True, exist_ok=True)
        taken: list[int] = json.loads((work / CHECKPOINT).read_text()) if (work / CHECKPOINT).exists() else []
        for step in range(len(taken) + 1, plan.steps + 1):
            if stop():
                raise Stopped
            taken.append(step)
            self.steps.append(step)
            self._checkpoint(work, taken)
            progress(Progress(step, plan.steps, 1.0 / step, 10.0, (plan.steps - step) / 10.0))
            self._perhaps_fail(step)
        weights = work / "weights.safetensors"
        weights.write_bytes(json.dumps([plan.seed, taken]).encode())
        metrics = measured(self.held, self.held["loss"].in_use)
        return TrainedModel(weights, metrics, self.held, left_out=self.left_out)

    def _checkpoint(self, work: Path, taken: list[int]) -> None:
        draft = work / "draft"
        draft.write_text(json.dumps(taken))
        draft.replace(work / CHECKPOINT)

    def _perhaps_fail(self, step: int) -> None:
        if self.error is not None:
            raise self.error
        if step == self.die_at:
            self.die_at = None
            raise Killed
