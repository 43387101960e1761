"""Working off the ledger: one job at a time under its lease, resumed after a kill, promoted only if better."""

import errno
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from services.trainer.core import (
    Datasets,
    Progress,
    Stopped,
    TrainedModel,
    Trainer,
    TrainingPlan,
    checked,
    offered,
    planned,
)
from services.trainer.jobs.checkpoint_store import Checkpoints
from services.trainer.jobs.entries import Job, Outcome
from services.trainer.jobs.ledger import Lease, LeaseLost, Ledger
from services.trainer.jobs.listening import Announce, Listener, ProgressPace
from services.trainer.promotion import decided
from services.trainer.stages import STAGES, Stage
from services.trainer.store.starting_points import StartingPoints
from services.trainer.store.withdrawals import Withdrawals
from shared.contracts.blobs import BlobStore, safe
from shared.contracts.errors import DependencyDown, Permanent
from shared.contracts.events import Event, TrainingFailed, TrainingRequested, TrainingStage
from shared.contracts.local_copies import LocalCopies, Use

JOBS = "jobs"  # folder of running attempts
MOST_WORDS = 2000  # of a failure, in its event
FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))  # safetensors and other processes tell it in words alone
Journey = Callable[[str, str | None], AbstractContextManager[None]]  # a name, and the trace that it goes on with


def _unwatched(_name: str, _since: str | None) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, kw_only=True)
class RunJobs:
    """Everything a worker needs. A job that failed `max_failures` times is given up, with its last error."""

    blobs: BlobStore
    ledger: Ledger
    datasets: Datasets
    trainers: Mapping[TrainingStage, Trainer]
    starting_points: StartingPoints
    work: Path
    copies: LocalCopies
    withdrawals: Withdrawals
    stages: Mapping[TrainingStage, Stage] = field(default_factory=lambda: STAGES)
    task: str = ""
    min_gain: float = 0.0
    max_failures: int = 3
    retry_after_s: float = 60.0
    clock: Callable[[], float] = time.monotonic
    journey: Journey = _unwatched

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
        for job in self.ledger.unfinished():
            lease = None if stop() else self.ledger.take(job.job_id)
            if lease is not None:
                with self.journey("training", job.trace):
                    outcomes.append(self._under_lease(lease, job, announce, stop, progress))
        return tuple(outcome for outcome in outcomes if outcome is not None)

    def _under_lease(
        self,
        lease: Lease,
        job: Job,
        announce: Announce,
        stop: Callable[[], bool],
        progress: Callable[[Progress], None],
    ) -> Outcome | None:
        """The job's end, announced; None when it did not end here."""
        try:
            with lease.kept():
                outcome = self.ledger.outcome(job.job_id) or self._hopeless(lease, job)
                outcome = outcome or self._attempt(lease, job, announce, stop, progress)
        except (Stopped, DependencyDown):
            lease.release()
            return None
        except LeaseLost:
            return None
        except Exception as error:
            failed = self._failed(lease, error)
            return failed and self._announced(lease, job, failed, announce)
        shutil.rmtree(self._folder(job.job_id), ignore_errors=True)
        return self._announced(lease, job, outcome, announce)

    def _hopeless(self, lease: Lease, job: Job) -> Outcome | None:
        """The end of a job that nobody can read, or that took its workers with it too often."""
        if job.request is None:
            words = "what is written in its request.json is no training request"
            return self.ledger.finish(lease, Outcome(reason="request_unreadable", detail=words))
        failures = self.ledger.failures(job.job_id)
        if len(failures) < self.max_failures:
            return None
        words = f"{len(failures)} attempts failed; the last: {failures[-1].error}: {failures[-1].message}"
        return self.ledger.finish(lease, Outcome(reason="failed_too_often", detail=words))

    def _failed(self, lease: Lease, error: Exception) -> Outcome | None:
        """None for another try later, or the end of it."""
        if self.ledger.note_failure(lease, error) >= self.max_failures:
            reason, words = "failed_too_often", f"{type(error).__name__}: {error}"
            if any(full in words for full in FULL):
                reason = "disk_full"
                words = f"{words}; free some disk at {self.work} and ask for the job under another id"
            shutil.rmtree(self._folder(lease.job_id), ignore_errors=True)
            return self.ledger.finish(lease, Outcome(reason=reason, detail=words))
        lease.release(after_s=self.retry_after_s)
        return None

    def _announced(self, lease: Lease, job: Job, outcome: Outcome, announce: Announce) -> Outcome:
        """What was written down takes effect: a better model is in use, the outcome is announced, the job is closed.

        A kill on the way repeats all of it, with the same event ids.
        """
        try:
            if outcome.promoted is not None:
                self.starting_points.registry.put_into_use(outcome.promoted)
            for event in events_of(job, outcome):
                announce(event)
        except Exception:
            lease.release()
            raise
        self.ledger.mark_announced(lease.job_id)
        return outcome

    def _attempt(
        self,
        lease: Lease,
        job: Job,
        announce: Announce,
        stop: Callable[[], bool],
        progress: Callable[[Progress], None],
    ) -> Outcome:
        assert job.request is not None
        try:
            outcome = self._train(lease, job.request, announce, stop, progress)
        except Permanent as error:
            outcome = Outcome(reason=error.reason, detail=error.message)
        return self.ledger.finish(lease, outcome)

    def _train(
        self,
        lease: Lease,
        request: TrainingRequested,
        announce: Announce,
        stop: Callable[[], bool],
        progress: Callable[[Progress], None],
    ) -> Outcome:
        offered(request.stage, self.trainers)
        trainer = self.trainers[request.stage]
        with self.copies.in_use() as use, self._workplace(lease) as work:
            plan = self._plan(request, use)
            samples = self.datasets.bring(request.dataset, request.dataset_version, use)
            checkpoints = Checkpoints(self.blobs, lease, work)
            checkpoints.restore()
            listener = Listener(lease, checkpoints, request, announce, progress, ProgressPace(self.clock))
            try:
                model = trainer.train(
                    plan, samples, work, listener, lambda: stop() or lease.lost.is_set(), self.withdrawals.newest
                )
            except Stopped:
                checkpoints.save()  # the trainer kept its last step
                raise
            return self._ended(lease, request, plan, model)

    @contextmanager
    def _workplace(self, lease: Lease) -> Iterator[Path]:
        """A folder for one attempt: the next has one of its own, and goes on from the checkpoint in the store.

        What attempts left that were killed goes.
        """
        with LocalCopies(self.work, (f"{JOBS}/*/*",)).in_use() as use:
            work = use(f"{JOBS}/{safe(lease.job_id)}/{lease.token:06d}")
            try:
                yield work
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def _plan(self, request: TrainingRequested, use: Use) -> TrainingPlan:
        points = self.starting_points.points(request, use)
        plan = planned(
            request,
            self.stages[request.stage],
            base=points.base,
            start=points.start,
            in_use=points.in_use,
            seen=points.seen,
            inherited=points.inherited,
            task=self.task,
            judge=points.judge,
        )
        return checked(plan)

    def _ended(self, lease: Lease, request: TrainingRequested, plan: TrainingPlan, model: TrainedModel) -> Outcome:
        """Weights in the registry, and the verdict on them."""
        lease.check()
        _check_numbers(model)
        registry = self.starting_points.registry
        data = self.datasets.find(request.dataset, request.dataset_version)
        trained = registry.put(request, plan, model, base=self.starting_points.name(request), data=data)
        verdict = decided(model.held, min_gain=self.min_gain)
        registry.keep(trained, verdict, model.sheet)
        promoted = registry.promotion(trained) if verdict.promoted else None
        return Outcome(trained=trained, promoted=promoted, reason=verdict.reason)

    def _folder(self, job_id: str) -> Path:
        return self.work / JOBS / safe(job_id)


def events_of(job: Job, outcome: Outcome) -> tuple[Event, ...]:
    """What the world hears of an outcome: a trained model, perhaps its promotion, or why there is none."""
    if outcome.trained is not None:
        return (outcome.trained,) if outcome.promoted is None else (outcome.trained, outcome.promoted)
    stage, model = (job.request.stage, job.request.model) if job.request else (None, None)
    words = outcome.detail[:MOST_WORDS]
    return (TrainingFailed(job_id=job.job_id, stage=stage, model=model, reason=outcome.reason, detail=words),)


def _check_numbers(model: TrainedModel) -> None:
    """A model with a loss that is no number is none: NaN has no place in an event, and nothing can be said of it."""
    strange = {name: value for name, value in model.metrics.items() if not math.isfinite(value)}
    held = [value for found in model.held.values() for value in (*found.challenger, *found.in_use)]
    if strange or not all(map(math.isfinite, held)):
        words = ", ".join(f"{name} is {value}" for name, value in strange.items()) or "a held-out loss is no number"
        raise Permanent("loss_not_finite", f"{words}; try a smaller learning rate")
