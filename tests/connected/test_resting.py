"""A worker that has taken its work reads no more, stays ready, and leaves what comes to whoever joins its group."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition
from prometheus_client import CollectorRegistry

from services.trainer import handlers
from services.trainer.app import assemble
from services.trainer.settings import TrainerSettings
from shared.contracts.events import ModelPromoted, TrainingRequested
from shared.contracts.topics import TRAINING_REQUESTED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.dataset import put_dataset
from tests.fakes.trainer import FakeTrainer

pytestmark = pytest.mark.connected


def lag(settings: KafkaSettings) -> int:
    """Requests that no worker has taken, as KEDA counts them."""
    places = [TopicPartition(TRAINING_REQUESTED.name, number) for number in range(TRAINING_REQUESTED.partitions)]
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap_servers, group_id="trainer", enable_auto_commit=False)
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    waiting = sum(end - (consumer.committed(place) or 0) for place, end in ends.items())
    consumer.close()
    return waiting


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.1)


def _no_roll_back(_: object) -> ModelPromoted:
    raise AssertionError("nobody asks for one here")


async def _ready(broker: Broker) -> str:
    app = make_service(broker, registry=CollectorRegistry(), service="trainer")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return (await client.get("/ready")).text


async def test_a_worker_that_took_a_request_leaves_the_next_one_to_another_worker(
    kafka_settings: KafkaSettings, tmp_path: str
) -> None:
    blobs, taken = MemoryBlobs(), dict[str, list[str]](one=[], two=[])
    put_dataset(blobs)
    training = assemble(TrainerSettings(work=tmp_path), blobs, {"product": FakeTrainer()})
    brokers = {name: make_broker(kafka_settings, service="trainer", registry=CollectorRegistry()) for name in taken}

    def accepting(name: str) -> Callable[[TrainingRequested], bool]:
        return lambda request: taken[name].append(request.job_id) or training.accept(request)  # type: ignore[func-returns-value]

    for name, broker in brokers.items():
        handlers.subscribe(broker, accepting(name), _no_roll_back, accepted=broker.rest)  # type: ignore[arg-type]

    async def ask(job_id: str) -> None:
        request = TrainingRequested(
            job_id=job_id, stage="product", model="m", dataset="product", dataset_version="0001-abc", steps=5
        )
        await brokers["one"].publish(request, TRAINING_REQUESTED.name, key=job_id.encode())

    async with brokers["one"], brokers["two"]:
        await brokers["one"].start()
        await ask("resting-1")
        await _until(lambda: taken["one"] == ["resting-1"] and lag(kafka_settings) == 0)
        await _until(lambda: brokers["one"].resting and not any(one.running for one in brokers["one"].subscribers))
        assert await _ready(brokers["one"]) == "ready"
        await ask("resting-2")
        await asyncio.sleep(2)
        assert taken["one"] == ["resting-1"] and lag(kafka_settings) == 1
        await brokers["two"].start()
        await _until(lambda: taken["two"] == ["resting-2"] and lag(kafka_settings) == 0)


async def test_a_worker_that_shall_rest_while_it_starts_does_so_when_it_has_started(
    kafka_settings: KafkaSettings, tmp_path: str
) -> None:
    training = assemble(TrainerSettings(work=tmp_path), MemoryBlobs(), {"product": FakeTrainer()})
    broker = make_broker(kafka_settings, service="trainer", registry=CollectorRegistry())
    handlers.subscribe(broker, training.accept, _no_roll_back)
    async with asyncio.timeout(120), broker:
        await asyncio.gather(broker.rest(), broker.start())
        assert not any(one.running for one in broker.subscribers)
