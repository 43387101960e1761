"""The one training loop: a task gives a loss, a budget ends it, a schedule moves the rate, a checkpoint survives it."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from services.trainer.core import Progress, Stopped
from services.trainer.model.running import checkpoint
from services.trainer.model.running.machine import memory_at_hand
from services.trainer.model.running.ranks import ALONE, Ranks
from shared.contracts.errors import Permanent

SPIKE, SPIKE_AFTER, SPIKE_MEMORY = 10.0, 16, 64  # times the median norm; norms before one is told; norms remembered
PATIENCE = 5  # steps in a row without a finite loss: one is a spike, so many are the end


@dataclass(frozen=True)
class Group:
    """Parameters that learn at `rate` times the run's rate."""

    parameters: list[Tensor]
    rate: float = 1.0


class Task(Protocol):
    """What is being learnt."""

    module: nn.Module
    groups: list[Group]

    def loss(self, step: int, fraction: float) -> Tensor:
        """The loss of batch number `step`; `fraction` is the progress of the run, 0..1.

        With `Recipe.accumulate` or several processes one step of the optimizer takes several batches.
        """
        ...


@dataclass(frozen=True)
class Budget:
    """When to stop: after `steps`, or after `seconds` of training (interruptions not counted)."""

    steps: int = 0
    seconds: float = 0.0

    def fraction(self, step: int, seconds: float) -> float:
        """Progress 0..1; without either number the run is over at once."""
        by_step = step / self.steps if self.steps else 0.0
        by_clock = seconds / self.seconds if self.seconds else 0.0
        return 1.0 if not (self.steps or self.seconds) else max(by_step, by_clock)


@dataclass(frozen=True)
class Recipe:
    """The dials of one run. The rate is constant up to `flat` of the run, then falls as a cosine to zero."""

    learning_rate: float
    flat: float = 0.45
    warmup_steps: int = 50
    ema: float = 0.9985
    weight_decay: float = 0.01
    clip: float = 1.0
    accumulate: int = 1  # batches that one step of the optimizer averages, beside those of other processes
    checkpoint_s: float = 120.0
    meet_s: float = 15.0  # how often several processes average their weights

    def rate(self, step: int, fraction: float) -> float:
        """The learning rate at this step."""
        falling = max(0.0, fraction - self.flat) / max(1e-9, 1 - self.flat)
        return (
            self.learning_rate
            * min(1.0, (step + 1) / self.warmup_steps)
            * 0.5
            * (1 + math.cos(math.pi * min(1.0, falling)))
        )


@dataclass
class Heartbeat:
    """Where a run is; given to `report` after every step that had a finite loss."""

    step: int
    fraction: float
    loss: float
    seconds: float
    losses: list[float] = field(default_factory=list)


@memory_at_hand()
def fit(
    task: Task,
    budget: Budget,
    recipe: Recipe,
    *,
    path: Path | None = None,
    ranks: Ranks = ALONE,
    report: Callable[[Heartbeat], None] = lambda beat: None,
    stop: Callable[[], bool] = lambda: False,
) -> list[float]:
    """Train until the budget is spent, resuming from `path` if it exists; leaves the averaged weights in the module.

    `stop` is asked between steps; then the run is kept and Stopped is raised. Returns the loss of each step of this
    call. Raises Permanent when PATIENCE steps in a row have no finite loss.
    """
    run, losses = FittingRun(task, budget, recipe, path, ranks), list[float]()
    while not run.over:
        losses.append(run.forward())
        _check(losses, run.step)
        run.meet()
        stopping = ranks.agreed(not run.over and stop())
        run.keep(at_once=run.over or stopping)
        if stopping:
            raise Stopped
        if math.isfinite(losses[-1]):
            report(Heartbeat(run.step, run.fraction, losses[-1], run.seconds, losses))
    run.averages.swap()
    return losses


class FittingRun:
    """A run between two steps: what learns, how far it is, and when it was last kept and met the other processes."""

    def __init__(self, task: Task, budget: Budget, recipe: Recipe, path: Path | None, ranks: Ranks) -> None:
        self.task, self.budget, self.recipe, self.path, self.ranks = task, budget, recipe, path, ranks
        self.parameters = [p for group in task.groups for p in group.parameters]
        self.optimizer = _optimizer(task.groups, recipe)
        self.averages, self.spikes = checkpoint.Averages(self.parameters, recipe.ema), Spikes()
        self.state = (task.module, self.optimizer, self.averages, self.spikes.norms)
        self.step, self.before = checkpoint.load(path, *self.state) if path else (0, 0.0)
        self.seconds = self.before
        self.fraction = budget.fraction(self.step, self.before)
        self.over = self.fraction >= 1
        self.started = self.saved = self.met = self.now = time.monotonic()

    def forward(self) -> float:
        """One step of the optimizer; its mean loss, not a number where it taught nothing."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate(self.step, self.fraction) * group["rate"]
        self.optimizer.zero_grad(set_to_none=True)
        loss = self._learnt(self.ranks.shared(self.parameters, self._gradients()))
        self.step, self.now = self.step + 1, time.monotonic()
        self.seconds = self.before + self.now - self.started
        self.fraction = self.budget.fraction(self.step, self.seconds)
        return loss

    def _gradients(self) -> float:
        """Those of the step's batches, added up; returns the mean loss."""
        mean, batches = 0.0, self.recipe.accumulate
        for draw in range(self.step * batches, (self.step + 1) * batches):
            loss = self.task.loss(self.ranks.draw(draw), self.fraction) / batches
            loss.backward()
            mean += float(loss.detach())
        return mean

    def _learnt(self, loss: float) -> float:
        """Move the weights, unless the gradient would spoil them for good."""
        norm = nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip, foreach=True)
        if not torch.isfinite(norm) or not math.isfinite(loss):
            return math.nan
        if not self.spikes.is_one(float(norm)):
            self.optimizer.step()
        return loss

    def meet(self) -> None:
        """Average with the other processes when it is time to: only then may a run end."""
        if self.ranks.in_step or self.now - self.met > self.recipe.meet_s:
            self.over, self.met = self.ranks.average(self.parameters, self.fraction) >= 1, time.monotonic()
        self.averages.update()

    def keep(self, *, at_once: bool) -> None:
        """Write the checkpoint when it is due."""
        if self.path and self.ranks.first and (at_once or self.now - self.saved > self.recipe.checkpoint_s):
            checkpoint.save(self.path, *self.state, step=self.step, seconds=self.seconds)
            self.saved = self.now


def _optimizer(groups: Sequence[Group], recipe: Recipe) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        [{"params": g.parameters, "lr": recipe.learning_rate, "rate": g.rate} for g in groups],
        lr=recipe.learning_rate,
        betas=(0.9, 0.95),
        weight_decay=recipe.weight_decay,
        fused=True,  # hundreds of small matrices in one call
    )


@dataclass
class Spikes:
    """Steps whose gradient is far beyond those before are passed over: a spike harms for good, even if the loss
    recovers (Canvas 2026, section 3.2). Several in a row are no spike but how things are now."""

    norms: list[float] = field(default_factory=list)
    in_a_row: int = 0

    def is_one(self, norm: float) -> bool:
        """Whether the step with this norm of the gradient is to be passed over."""
        usual = sorted(self.norms)[len(self.norms) // 2] if len(self.norms) >= SPIKE_AFTER else math.inf
        if norm > SPIKE * usual and self.in_a_row < PATIENCE - 1:
            self.in_a_row += 1
            return True
        if self.in_a_row == PATIENCE - 1:
            self.norms.clear()
        self.in_a_row = 0
        self.norms[:] = [*self.norms, norm][-SPIKE_MEMORY:]
        return False


def _check(losses: list[float], step: int) -> None:
    if len(losses) >= PATIENCE and not any(math.isfinite(loss) for loss in losses[-PATIENCE:]):
        words = f"{PATIENCE} steps in a row, up to step {step}, had no finite loss; try a smaller learning rate"
        raise Permanent("loss_not_finite", words)


class Reporter:
    """Tells the service where a run stands, with the speed of this call."""

    def __init__(self, steps: int, batch: int, progress: Callable[[Progress], None]) -> None:
        self.total, self.batch, self.progress = steps, batch, progress
        self.started, self.steps = time.monotonic(), 0

    def __call__(
        self, beat: Heartbeat, *, validation_loss: float | None = None, pictures: tuple[Path, ...] = ()
    ) -> None:
        self.steps += 1
        per_step_s = (time.monotonic() - self.started) / self.steps
        left_s = per_step_s * (self.total - beat.step)
        speed = self.batch / max(per_step_s, 1e-9)
        self.progress(Progress(beat.step, self.total, beat.loss, speed, left_s, validation_loss, pictures))
