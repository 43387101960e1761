"""Wiring only. Run: faststream run services.trainer.app:create_app --factory"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.trainer import handlers
from services.trainer.core import AcceptTraining, Trainer
from services.trainer.jobs.ledger import Ledger
from services.trainer.jobs.runner import RunJobs
from services.trainer.measures import Measures
from services.trainer.rollback import rolled_back
from services.trainer.settings import TrainerSettings
from services.trainer.stages import STAGES, Stage
from services.trainer.store.datasets import DATASETS, ReleasedDatasets
from services.trainer.store.registry import STARTS, ModelRegistry
from services.trainer.store.starting_points import StartingPoints
from services.trainer.store.withdrawals import Withdrawals
from shared.contracts.blobs import BlobStore
from shared.contracts.events import ModelPromoted, RollbackRequested, TrainingStage
from shared.contracts.local_copies import LocalCopies
from shared.contracts.models import REVISION
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings, MinioSettings, TracingSettings, read_settings
from shared.runtime.telemetry.watching import NOT_WATCHED, Watching

LEASES_TO_WAIT = 1.5  # before leaving: whoever died in the meantime has left a lease that ends within one


@dataclass(frozen=True)
class TrainingService:
    """The service's two halves: requests go into the ledger, jobs come out of it; and the way back."""

    accept: AcceptTraining
    jobs: RunJobs
    roll_back: Callable[[RollbackRequested], ModelPromoted]


def assemble(
    settings: TrainerSettings,
    blobs: BlobStore,
    trainers: Mapping[TrainingStage, Trainer] | None = None,
    watch: Watching = NOT_WATCHED,
) -> TrainingService:
    """The service over real models, or over the given trainers."""
    ready = installed(settings) if trainers is None else trainers
    ledger = Ledger(blobs, settings.holder, ttl_s=settings.lease_s, trace=watch.trace)
    datasets = ReleasedDatasets(blobs)
    registry = ModelRegistry(blobs)
    starting_points = StartingPoints(registry, settings.bases, settings.models, settings.judge.name)
    jobs = RunJobs(
        blobs=blobs,
        ledger=ledger,
        datasets=datasets,
        trainers=ready,
        starting_points=starting_points,
        work=settings.work,
        copies=LocalCopies(settings.work, (f"{DATASETS}/*/*", f"{STARTS}/{REVISION}"), int(settings.kept_gb * 1e9)),
        withdrawals=Withdrawals(blobs),
        stages={name: _dialled(stage, settings) for name, stage in STAGES.items()},
        task=settings.task,
        min_gain=settings.min_gain,
        max_failures=settings.max_failures,
        retry_after_s=settings.retry_after_s,
        journey=watch.journey,
    )
    return TrainingService(
        AcceptTraining(ledger, datasets, starting_points, frozenset(ready)), jobs, partial(rolled_back, registry)
    )


def _dialled(stage: Stage, settings: TrainerSettings) -> Stage:
    given = settings.model_dump(include={"steps", "batch", "rank", "size", "learning_rate"}, exclude_none=True)
    return replace(stage, **given)


def installed(settings: TrainerSettings) -> dict[TrainingStage, Trainer]:
    """The trainer of every stage that is offered; importing them brings torch in, so only a working service does.

    Raises Permanent for a precision that the device cannot train in.
    """
    from services.trainer.model.diffusion_trainer import DiffusionTrainer
    from services.trainer.model.examining.critics import Critics
    from services.trainer.model.judge_trainer import JudgeTrainer
    from services.trainer.model.means import Means
    from services.trainer.model.running.machine import prepare
    from services.trainer.model.running.processes import SeveralProcesses

    prepare(settings.device, settings.precision, threads=settings.threads)
    means = Means(
        device=settings.device,
        precision=settings.precision,
        frozen=settings.frozen,
        at_once=settings.at_once,
        checkpointing=settings.checkpointing,
        board=settings.tensorboard,
    )
    judge = JudgeTrainer(settings.device, precision=settings.precision)
    critics = Critics(settings.judge, settings.probe)
    painter: Trainer = DiffusionTrainer(means, critics, settings.paints)
    if settings.processes > 1:
        painter = SeveralProcesses(settings.processes, means, critics, settings.paints, settings.threads)
    painting: list[TrainingStage] = ["foundation", "inpaint", "product", "engaged"]
    return {**dict.fromkeys(painting, painter), "judge": judge}


def gpu_of(settings: TrainerSettings) -> Callable[[], Mapping[str, float]]:
    """How to read the memory of the GPU that trains; brings torch in, as `installed` does."""
    from services.trainer.model.running.machine import gpu_memory

    return partial(gpu_memory, settings.device)


def create_app(leave: Callable[[], None] | None = None) -> AsgiFastStream:
    """The service: its handler takes requests, its worker trains beside it.

    `leave` ends the process once nothing is left to do; without it the worker waits for more.
    """
    settings, registry = read_settings(TrainerSettings), CollectorRegistry()
    kafka, tracing = read_settings(KafkaSettings), read_settings(TracingSettings)
    broker = make_broker(kafka, service="trainer", registry=registry, tracing=tracing)
    blobs, measures = MinioBlobs(read_settings(MinioSettings)), Measures(registry)
    training = assemble(settings, broker.watch.blobs(blobs), watch=broker.watch)
    broker.watch.gpu(gpu_of(settings))
    broker.tell(measures.announced)
    # one that leaves takes one request, and lets those that come while it trains start workers of their own
    publish = handlers.subscribe(broker, training.accept, training.roll_back, accepted=broker.rest if leave else None)
    leaving = leave and handlers.Leaving(
        after_s=LEASES_TO_WAIT * settings.lease_s, leave=leave, busy=lambda: broker.health.oldest_handler_s > 0
    )

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[None]:
        work = handlers.work(training.jobs, publish, every_s=settings.scan_s, leaving=leaving, rested=measures.rested)
        task = asyncio.create_task(work)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return make_service(
        broker, registry=registry, service="trainer", ready={"blobs": blobs.trouble}, background=working
    )
