"""Events in, verdicts and releases out, over the broker in memory."""

import asyncio
import json
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
    PRODUCT_ENGAGED,
    PRODUCT_WITHDRAWN,
    SAMPLE_CURATED,
    TRAINING_REQUESTED,
)
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes.catalogue import MemoryCatalogue

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


async def test_engagement_that_cannot_be_is_buried_with_its_reason_and_its_neighbours_count(
    curator: Curator, catalogue: MemoryCatalogue
) -> None:
    broker = a_broker()
    handlers.subscribe(broker, curator)
    sound = {
        "product_id": "mug",
        "impressions": 9,
        "clicks": 1,
        "window_start": "2026-02-01T00:00:00Z",
        "window_end": "2026-02-08T00:00:00Z",
    }
    told = [
        sound | {"clicks": 10},
        sound,
        sound | {"window_end": "2999-01-01T00:00:00Z"},
        sound | {"product_id": "cup"},
    ]
    async with memory_broker(broker) as log:
        for said in told:
            await broker.publish(json.dumps(said).encode(), PRODUCT_ENGAGED.name, key=str(said["product_id"]).encode())
        await log.settled()
        buried = [dict(message.headers) for message in log.said(PRODUCT_ENGAGED.dead)]
    assert [why["x-reason"] for why in buried] == [b"bad_event"] * 2
    assert b"clicks: Value error, more than impressions; a click counts in" in buried[0]["x-detail"]
    assert b"window_end: lies in the future (2999-01-01T00:00:00+00:00); tell of a window once" in buried[1]["x-detail"]
    assert {one.product_id for one in catalogue.windows.values()} == {"mug", "cup"} and len(catalogue.windows) == 2


async def test_an_opt_out_is_heard(curator: Curator, captioned: Captioned) -> None:
    broker = a_broker()
    handlers.subscribe(broker, curator)
    async with memory_broker(broker) as log:
        await broker.publish(captioned("mug"), PRODUCT_CAPTIONED.name, key=b"mug")
        await log.settled()
        await broker.publish(ProductWithdrawn(product_id="mug"), PRODUCT_WITHDRAWN.name, key=b"mug")
        await log.settled()
        assert curator.catalogue.consents(["mug"])["mug"].withdrawn and list(curator.catalogue.kept()) == []
