"""Wiring only. Run: faststream run services.trainer.app:create_app --factory"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.trainer import handlers
from services.trainer.core import RECIPES, AcceptTraining, Recipe, Trainer
from services.trainer.jobs.ledger import Ledger
from services.trainer.jobs.runner import RunJobs
from services.trainer.settings import TrainerSettings
from services.trainer.store.datasets import ReleasedDatasets
from services.trainer.store.registry import ModelRegistry
from services.trainer.store.starting_points import StartingPoints
from shared.contracts.blobs import BlobStore
from shared.contracts.events import TrainingStage
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings, MinioSettings, read_settings

LEASES_TO_WAIT = 1.5  # before leaving: whoever died in the meantime has left a lease that ends within one


@dataclass(frozen=True)
class Training:
    """The service's two halves: requests go into the ledger, jobs come out of it."""

    accept: AcceptTraining
    jobs: RunJobs


def assemble(
    settings: TrainerSettings, blobs: BlobStore, trainers: Mapping[TrainingStage, Trainer] | None = None
) -> Training:
    """The service over real models, or over the given trainers."""
    ready = installed(settings) if trainers is None else trainers
    ledger = Ledger(blobs, settings.holder, ttl_s=settings.lease_s)
    datasets = ReleasedDatasets(blobs, settings.work / "datasets")
    starting_points = StartingPoints(ModelRegistry(blobs), settings.bases, settings.models)
    jobs = RunJobs(
        blobs=blobs,
        ledger=ledger,
        datasets=datasets,
        trainers=ready,
        starting_points=starting_points,
        work=settings.work,
        recipes={stage: _dialled(recipe, settings) for stage, recipe in RECIPES.items()},
        min_gain=settings.min_gain,
        max_failures=settings.max_failures,
        retry_after_s=settings.retry_after_s,
    )
    return Training(AcceptTraining(ledger, datasets, starting_points, frozenset(ready)), jobs)


def _dialled(recipe: Recipe, settings: TrainerSettings) -> Recipe:
    given = settings.model_dump(include={"steps", "batch", "rank", "size"}, exclude_none=True)
    return replace(recipe, **given)


def installed(settings: TrainerSettings) -> dict[TrainingStage, Trainer]:
    """The trainer of every stage that is offered; importing them brings torch in, so only a working service does.

    Raises Permanent for a precision that the device cannot train in.
    """
    from services.trainer.model.judge_trainer import JudgeTrainer
    from services.trainer.model.lora_trainer import LoraTrainer
    from services.trainer.model.machine import prepare

    prepare(settings.device, settings.precision, threads=settings.threads)
    lora = LoraTrainer(settings.device, precision=settings.precision)
    judge = JudgeTrainer(settings.device, precision=settings.precision)
    return {"product": lora, "engaged": lora, "judge": judge}


def create_app(leave: Callable[[], None] | None = None) -> AsgiFastStream:
    """The service: its handler takes requests, its worker trains beside it.

    `leave` ends the process once nothing is left to do; without it the worker waits for more.
    """
    settings, registry = read_settings(TrainerSettings), CollectorRegistry()
    broker = make_broker(read_settings(KafkaSettings), service="trainer", registry=registry)
    blobs = MinioBlobs(read_settings(MinioSettings))
    training = assemble(settings, blobs)
    # one that leaves takes one request, and lets those that come while it trains start workers of their own
    publish = handlers.subscribe(broker, training.accept, accepted=broker.rest if leave else None)
    leaving = leave and handlers.Leaving(
        after_s=LEASES_TO_WAIT * settings.lease_s, leave=leave, busy=lambda: broker.health.oldest_handler_s > 0
    )

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[None]:
        task = asyncio.create_task(handlers.work(training.jobs, publish, every_s=settings.scan_s, leaving=leaving))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return make_service(
        broker, registry=registry, service="trainer", ready={"blobs": blobs.trouble}, background=working
    )
