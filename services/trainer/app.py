"""Wiring only. Run: faststream run services.trainer.app:create_app --factory"""

import asyncio
import contextlib
import importlib
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
from shared.runtime.settings import KafkaSettings, MinioSettings

LORA = "services.trainer.model.lora_trainer:LoraTrainer"
TRAINERS: Mapping[TrainingStage, str] = {
    "foundation": LORA,
    "inpaint": LORA,
    "product": LORA,
    "engaged": LORA,
    "judge": "services.trainer.model.judge_trainer:JudgeTrainer",
}


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
    jobs = RunJobs(
        blobs=blobs,
        ledger=ledger,
        datasets=datasets,
        trainers=ready,
        starting_points=StartingPoints(ModelRegistry(blobs), settings.bases, settings.models),
        work=settings.work,
        recipes={stage: _dialled(recipe, settings) for stage, recipe in RECIPES.items()},
        min_gain=settings.min_gain,
        max_failures=settings.max_failures,
        retry_after_s=settings.retry_after_s,
    )
    return Training(AcceptTraining(ledger, datasets, frozenset(ready)), jobs)


def _dialled(recipe: Recipe, settings: TrainerSettings) -> Recipe:
    given = settings.model_dump(include={"steps", "batch", "rank", "size"}, exclude_none=True)
    return replace(recipe, **given)


def installed(settings: TrainerSettings) -> dict[TrainingStage, Trainer]:
    """The trainer of every stage whose class is there; importing them brings torch in."""
    import torch

    torch.set_num_threads(settings.threads)
    classes = {name: _class(name) for name in set(TRAINERS.values())}
    return {stage: made(settings.device) for stage, name in TRAINERS.items() if (made := classes[name]) is not None}


def _class(name: str) -> Callable[[str], Trainer] | None:
    module, _, attribute = name.partition(":")
    try:
        found: Callable[[str], Trainer] = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise  # the class is there, but something it needs is not: that must be heard
        return None
    return found


def create_app() -> AsgiFastStream:
    """The service: its handler takes requests, its worker trains beside it."""
    settings, registry = TrainerSettings(), CollectorRegistry()
    broker = make_broker(KafkaSettings(), service="trainer", registry=registry)
    blobs = MinioBlobs(MinioSettings())
    training = assemble(settings, blobs)
    publish = handlers.subscribe(broker, training.accept)

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[None]:
        task = asyncio.create_task(handlers.work(training.jobs, publish, every_s=settings.scan_s))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return make_service(
        broker, registry=registry, service="trainer", ready={"blobs": blobs.trouble}, background=working
    )
