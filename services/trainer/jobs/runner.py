"""Working off the ledger: one job at a time under its lease, resumed after a kill, promoted only if better."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.trainer.core import RECIPES, Datasets, Progress, Recipe, TrainedModel, Trainer, TrainingPlan, planned
from services.trainer.core import judged as promotion_of
from services.trainer.jobs.checkpoint_store import Checkpoints
from services.trainer.jobs.ledger import Lease, LeaseLost, Ledger, Outcome
from services.trainer.store.starting_points import StartingPoints
from shared.contracts.blobs import BlobStore, safe
from shared.contracts.errors import DependencyDown, Permanent
from shared.contracts.events import Event, TrainingProgressed, TrainingRequested, TrainingStage

Announce = Callable[[Event], None]


class Stopped(Exception):
    """The service is shutting down; the job goes on elsewhere or later."""


@dataclass
class Pace:
    """Lets progress through every `every_s` seconds and every `share` of the run, and always the end."""

    clock: Callable[[], float]
    every_s: float = 2.0
    share: float = 0.1
    _said_at: float = float("-inf")
    _said_part: int = -1

    def due(self, now: Progress) -> bool:
        """Whether this progress is worth a message."""
        part = int(now.step / now.steps / self.share + 1e-9)
        if part == self._said_part and self.clock() - self._said_at < self.every_s:
            return False
        self._said_at, self._said_part = self.clock(), part
        return True


@dataclass(frozen=True, kw_only=True)
class RunJobs:
    """Everything a worker needs. A job that failed `max_failures` times is given up, with its last error."""

    blobs: BlobStore
    ledger: Ledger
    datasets: Datasets
    trainers: Mapping[TrainingStage, Trainer]
    starting_points: StartingPoints
    work: Path
    recipes: Mapping[TrainingStage, Recipe] = field(default_factory=lambda: RECIPES)
    min_gain: float = 0.0
    max_failures: int = 3
    retry_after_s: float = 60.0
    clock: Callable[[], float] = time.monotonic

    def run_pending(
        self,
        announce: Announce,
        *,
        stop: Callable[[], bool] = lambda: False,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> tuple[Outcome, ...]:
        """Work off every job that is free, oldest first; returns how those that ended did.

        `announce` must return only when the event is safe. `progress` hears every step, unthrottled.
        """
        outcomes = []
        for request in self.ledger.unfinished():
            lease = None if stop() else self.ledger.take(request.job_id)
            if lease is not None:
                outcomes.append(self._under_lease(lease, request, announce, stop, progress))
        return tuple(outcome for outcome in outcomes if outcome is not None)

    def _under_lease(
        self, lease: Lease, request: TrainingRequested, announce: Announce, stop: Callable[[], bool],
        progress: Callable[[Progress], None],
    ) -> Outcome | None:  # fmt: skip
        """The job's end, announced; None when it did not end here."""
        try:
            with lease.kept():
                outcome = self.ledger.outcome(request.job_id) or self._attempt(lease, request, announce, stop, progress)
        except (Stopped, DependencyDown):
            lease.release()
            return None
        except LeaseLost:
            return None
        except Exception as error:
            failed = self._failed(lease, error)
            return failed and self._announced(lease, failed, announce)
        shutil.rmtree(self._folder(request), ignore_errors=True)
        return self._announced(lease, outcome, announce)

    def _failed(self, lease: Lease, error: Exception) -> Outcome | None:
        """None for another try later, or the end of it."""
        if self.ledger.note_failure(lease, error) >= self.max_failures:
            return self.ledger.finish(
                lease, Outcome(reason="failed_too_often", detail=f"{type(error).__name__}: {error}")
            )
        lease.release(after_s=self.retry_after_s)
        return None

    def _announced(self, lease: Lease, outcome: Outcome, announce: Announce) -> Outcome:
        """Say the outcome, then close the job; a kill between the two says the same again, with the same event ids."""
        try:
            for event in (outcome.trained, outcome.promoted):
                if event is not None:
                    announce(event)
        except Exception:
            lease.release()
            raise
        self.ledger.mark_announced(lease.job_id)
        return outcome

    def _attempt(
        self, lease: Lease, request: TrainingRequested, announce: Announce, stop: Callable[[], bool],
        progress: Callable[[Progress], None],
    ) -> Outcome:  # fmt: skip
        try:
            outcome = self._train(lease, request, announce, stop, progress)
        except Permanent as error:
            outcome = Outcome(reason=error.reason, detail=error.message)
        return self.ledger.finish(lease, outcome)

    def _train(
        self, lease: Lease, request: TrainingRequested, announce: Announce, stop: Callable[[], bool],
        progress: Callable[[Progress], None],
    ) -> Outcome:  # fmt: skip
        if request.stage not in self.trainers:
            raise Permanent("stage_unavailable", f"no trainer for stage `{request.stage}` is installed here")
        samples = self.datasets.bring(request.dataset, request.dataset_version)
        base = self.starting_points.base(request)
        start = self.starting_points.start(request, self.work / "starts")
        plan = planned(request, self.recipes[request.stage], base=base, start=start)
        work = self._folder(request) / f"{lease.token:06d}"
        checkpoints = Checkpoints(self.blobs, lease, work)
        checkpoints.restore()
        listener = _Listener(lease, checkpoints, request, announce, stop, progress, Pace(self.clock))
        model = self.trainers[request.stage].train(plan, samples, work, listener)
        return self._ended(lease, request, plan, model)

    def _ended(self, lease: Lease, request: TrainingRequested, plan: TrainingPlan, model: TrainedModel) -> Outcome:
        """Weights in the registry, and in use when they are better."""
        lease.check()
        registry = self.starting_points.registry
        data = self.datasets.find(request.dataset, request.dataset_version)
        trained = registry.put(request, plan, model, base=self.starting_points.name(request), data=data)
        promotion = promotion_of(trained.metrics, min_gain=self.min_gain)
        promoted = registry.promote(trained) if promotion.promoted else None
        return Outcome(trained=trained, promoted=promoted, reason=promotion.reason)

    def _folder(self, request: TrainingRequested) -> Path:
        return self.work / "jobs" / safe(request.job_id)


@dataclass(frozen=True)
class _Listener:
    """Hears a trainer's progress: ends the run when it must end, saves checkpoints, passes news on."""

    lease: Lease
    checkpoints: Checkpoints
    request: TrainingRequested
    announce: Announce
    stop: Callable[[], bool]
    progress: Callable[[Progress], None]
    pace: Pace

    def __call__(self, now: Progress) -> None:
        if self.lease.lost.is_set():
            raise LeaseLost("lease_lost", f"another worker has taken job `{self.request.job_id}` over")
        if self.checkpoints.save():
            self.lease.renew()
        if self.stop():
            raise Stopped
        self.progress(now)
        if self.pace.due(now):
            self.announce(self._event(now))

    def _event(self, now: Progress) -> TrainingProgressed:
        return TrainingProgressed(
            job_id=self.request.job_id, stage=self.request.stage, step=now.step, steps=now.steps, loss=now.loss,
            samples_per_s=max(0.0, now.samples_per_s),
        )  # fmt: skip
