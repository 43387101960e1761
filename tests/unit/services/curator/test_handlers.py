"""Events in, verdicts and releases out, over the broker in memory."""

import asyncio
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from services.curator import handlers
from services.curator.curator import Curator
from shared.contracts.events import (
    DatasetReleased,
    ProductCaptioned,
    ProductWithdrawn,
    SampleCurated,
    TrainingRequested,
)
from shared.contracts.topics import (
    DATASET_RELEASED,
    PRODUCT_CAPTIONED,
    PRODUCT_WITHDRAWN,
    SAMPLE_CURATED,
    TRAINING_REQUESTED,
)
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings

Captioned = Callable[..., ProductCaptioned]


def a_broker() -> Broker:
    return make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())


async def test_photos_become_verdicts_a_dataset_and_a_training(curator: Curator, captioned: Captioned) -> None:
    broker = a_broker()
    publish = handlers.subscribe(broker, curator)
    async with memory_broker(broker) as log:
        for name in ("mug", "lamp", "chair", "mug"):
            await broker.publish(captioned(name), PRODUCT_CAPTIONED.name, key=name.encode())
        await log.settled()
        verdicts = log.events(SAMPLE_CURATED.name, SampleCurated)
        assert [verdict.verdict for verdict in verdicts] == ["kept"] * 4 and verdicts[0] == verdicts[3]
        task = asyncio.create_task(handlers.release_when_due(curator, publish, every_s=0.01))
        async with asyncio.timeout(60):
            while not log.said(TRAINING_REQUESTED.name):
                await asyncio.sleep(0.01)
        task.cancel()
        (released,) = log.events(DATASET_RELEASED.name, DatasetReleased)
        (request,) = log.events(TRAINING_REQUESTED.name, TrainingRequested)
        assert request.dataset_version == released.version
        assert log.said(DATASET_RELEASED.name)[0].key == b"product"


async def test_a_broken_photo_becomes_a_dead_letter(curator: Curator, captioned: Captioned) -> None:
    broker = a_broker()
    handlers.subscribe(broker, curator)
    event = captioned("mug")
    lost = event.model_copy(update={"image": event.image.model_copy(update={"key": "images/lost.png"})})
    async with memory_broker(broker) as log:
        await broker.publish(lost, PRODUCT_CAPTIONED.name, key=b"mug")
        await log.settled()
        assert len(log.said(PRODUCT_CAPTIONED.dead)) == 1 and log.said(SAMPLE_CURATED.name) == []


async def test_an_opt_out_is_heard(curator: Curator, captioned: Captioned) -> None:
    broker = a_broker()
    handlers.subscribe(broker, curator)
    async with memory_broker(broker) as log:
        await broker.publish(captioned("mug"), PRODUCT_CAPTIONED.name, key=b"mug")
        await log.settled()
        await broker.publish(ProductWithdrawn(product_id="mug"), PRODUCT_WITHDRAWN.name, key=b"mug")
        await log.settled()
        assert curator.catalogue.consents(["mug"])["mug"].withdrawn and list(curator.catalogue.kept()) == []
