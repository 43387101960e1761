"""Requests over the broker, outcomes over the broker, and the worker between them."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.trainer import handlers
from services.trainer.app import TrainingService
from services.trainer.core import Stopped, TrainedModel
from services.trainer.jobs.ledger import Ledger
from shared.contracts.errors import DependencyDown, Permanent
from shared.contracts.events import ModelPromoted, ModelTrained, TrainingFailed, TrainingProgressed, TrainingRequested
from shared.contracts.topics import (
    MODEL_PROMOTED,
    MODEL_TRAINED,
    TRAINING_FAILED,
    TRAINING_PROGRESSED,
    TRAINING_REQUESTED,
)
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.trainer import FakeTrainer

Service = Callable[..., TrainingService]
Request = Callable[..., TrainingRequested]


def a_broker() -> Broker:
    return make_broker(KafkaSettings(), service="trainer", registry=CollectorRegistry())


async def _until(done: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not done():
            await asyncio.sleep(0.01)


async def test_a_request_ends_in_a_promoted_model_keyed_by_its_place(service: Service, request_for: Request) -> None:
    broker, training = a_broker(), service(FakeTrainer())
    publish = handlers.subscribe(broker, training.accept, training.roll_back)
    async with memory_broker(broker) as log:
        await broker.publish(request_for(), TRAINING_REQUESTED.name, key=b"job-1")
        await log.settled()
        worker = asyncio.create_task(handlers.work(training.jobs, publish, every_s=0.01))
        await _until(lambda: log.said(MODEL_PROMOTED.name))
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        (record,) = log.said(MODEL_PROMOTED.name)
        assert record.key == b"mini-inpainter/lora/models/mini-inpainter"
        assert len(log.events(MODEL_TRAINED.name, ModelTrained)) == 1
        steps = [event.step for event in log.events(TRAINING_PROGRESSED.name, TrainingProgressed)]
        assert steps[0] == 1 and steps[-1] == 10
        assert log.events(MODEL_PROMOTED.name, ModelPromoted)[0].stage == "product"


async def test_an_unknown_dataset_is_dead_lettered(service: Service, request_for: Request) -> None:
    broker, training = a_broker(), service(FakeTrainer())
    handlers.subscribe(broker, training.accept, training.roll_back)
    async with memory_broker(broker) as log:
        await broker.publish(request_for(dataset="nothing"), TRAINING_REQUESTED.name, key=b"job-1")
        await log.settled()
        (letter,) = log.said(TRAINING_REQUESTED.dead)
        assert "dataset_not_known" in str(letter.headers)


async def test_stopping_the_service_ends_a_run_and_frees_its_job(service: Service, request_for: Request) -> None:
    broker, trainer = a_broker(), FakeTrainer()
    training = service(trainer)
    publish = handlers.subscribe(broker, training.accept, training.roll_back)
    training.accept(request_for(steps=100_000))
    async with memory_broker(broker):
        worker = asyncio.create_task(handlers.work(training.jobs, publish, every_s=0.01))
        await _until(lambda: trainer.steps)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert training.jobs.ledger.outcome("job-1") is None
    assert training.jobs.ledger.take("job-1") is not None


async def test_a_failure_is_published_in_words(service: Service, request_for: Request) -> None:
    broker, trainer = a_broker(), FakeTrainer()
    trainer.error = Permanent("rank_too_high", "the adapter is larger than the layer")
    training = service(trainer)
    publish = handlers.subscribe(broker, training.accept, training.roll_back)
    training.accept(request_for())
    async with memory_broker(broker) as log:
        worker = asyncio.create_task(handlers.work(training.jobs, publish, every_s=0.01))
        await _until(lambda: log.said(TRAINING_FAILED.name))
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        (failed,) = log.events(TRAINING_FAILED.name, TrainingFailed)
    assert (failed.job_id, failed.reason) == ("job-1", "rank_too_high")


class Deaf(FakeTrainer):
    """A trainer in a step that no stop reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.released = threading.Event(), threading.Event()

    def train(self, *_: Any) -> TrainedModel:  # type: ignore[override]
        self.entered.set()
        self.released.wait(300)
        raise Stopped


async def test_a_step_that_never_ends_is_not_waited_for(
    service: Service, request_for: Request, caplog: pytest.LogCaptureFixture
) -> None:
    broker, trainer = a_broker(), Deaf()
    training = service(trainer)
    publish = handlers.subscribe(broker, training.accept, training.roll_back)
    training.accept(request_for())
    async with memory_broker(broker):
        worker = asyncio.create_task(handlers.work(training.jobs, publish, every_s=0.01, grace_s=0.1))
        await _until(trainer.entered.is_set)
        worker.cancel()
        await asyncio.wait_for(asyncio.gather(worker, return_exceptions=True), 60)
        trainer.released.set()
    assert "did not stop within 0.1 s" in caplog.text


async def test_a_worker_that_runs_as_a_job_leaves_once_nothing_is_left_and_not_before(
    service: Service, request_for: Request
) -> None:
    broker, training, left = a_broker(), service(FakeTrainer()), threading.Event()
    publish = handlers.subscribe(broker, training.accept, training.roll_back)
    training.accept(request_for())
    leaving = handlers.Leaving(0.05, left.set)
    async with memory_broker(broker) as log:
        worker = asyncio.create_task(handlers.work(training.jobs, publish, every_s=0.01, leaving=leaving))
        await _until(left.is_set)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        assert log.said(MODEL_PROMOTED.name)


class NoStore(MemoryBlobs):
    """A store that is away."""

    def keys(self, prefix: str) -> Any:
        raise DependencyDown("blobs_down", "nobody answers")


@pytest.mark.parametrize("why", ["a message waits", "the store is down", "its job waits for another try"])
async def test_a_worker_stays_while_there_may_be_something_to_do(
    service: Service, request_for: Request, why: str
) -> None:
    broker, training, left, rounds = a_broker(), service(FakeTrainer()), threading.Event(), list[None]()
    publish = handlers.subscribe(broker, training.accept, training.roll_back)

    def busy() -> bool:
        rounds.append(None)
        return why == "a message waits"

    if why == "its job waits for another try":
        training.accept(request_for())
        lease = training.jobs.ledger.take("job-1")
        assert lease is not None
        lease.release(after_s=600)
    jobs = training.jobs if why != "the store is down" else replace(training.jobs, ledger=Ledger(NoStore(), "one"))
    leaving = handlers.Leaving(0.0, left.set, busy)
    async with memory_broker(broker):
        worker = asyncio.create_task(handlers.work(jobs, publish, every_s=0.001, leaving=leaving))
        await _until(lambda: len(rounds) > 5)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert not left.is_set()
