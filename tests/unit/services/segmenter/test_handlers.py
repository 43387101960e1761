"""The Kafka edge: an event in, an event out, poison to the dead letters with its reason."""

import numpy as np
from prometheus_client import CollectorRegistry

from services.segmenter.core import SegmentProduct
from services.segmenter.handlers import subscribe
from shared.contracts.events import ImageSource, ProductSegmented, ProductSubmitted, Scene
from shared.contracts.images import encode_image
from shared.contracts.topics import PRODUCT_SEGMENTED, PRODUCT_SUBMITTED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.studio import blank, disc, with_product


def listening(blobs: MemoryBlobs) -> Broker:
    broker = make_broker(KafkaSettings(), service="segmenter", registry=CollectorRegistry())
    subscribe(broker, SegmentProduct(FakeSegmenter(), FakeImageFetcher(), blobs))
    return broker


async def submit(broker: Broker, log: MemoryLog, product_id: str, **fields: object) -> None:
    event = ProductSubmitted(product_id=product_id, image=ImageSource(key=f"uploads/{product_id}"), **fields)
    await broker.publish(event, PRODUCT_SUBMITTED.name, key=event.key.encode())
    await log.settled()


async def test_a_submitted_product_comes_out_segmented_under_its_own_key() -> None:
    blobs = MemoryBlobs()
    blobs.put("uploads/mug", encode_image(with_product(blank(), disc(), (200, 30, 30))), "image/png")
    broker = listening(blobs)
    async with memory_broker(broker) as log:
        await submit(broker, log, "mug", scenes=(Scene(prompt="on marble"),))
    (record,) = log.said(PRODUCT_SEGMENTED.name)
    (event,) = log.events(PRODUCT_SEGMENTED.name, ProductSegmented)
    assert record.key == b"mug" and event.product_id == "mug"
    assert event.segmentation.mask is not None and event.scenes == (Scene(prompt="on marble"),)


async def test_a_broken_jpeg_is_a_dead_letter_with_its_reason_and_the_next_product_passes() -> None:
    blobs = MemoryBlobs()
    blobs.put("uploads/broken", b"\xff\xd8\xff\xe0 not a picture", "image/jpeg")
    blobs.put("uploads/empty", encode_image(np.full((64, 64, 3), 255, np.uint8)), "image/png")
    broker = listening(blobs)
    async with memory_broker(broker) as log:
        await submit(broker, log, "broken")
        await submit(broker, log, "empty")
    (letter,) = log.said(PRODUCT_SUBMITTED.dead)
    assert dict(letter.headers)["x-reason"] == b"image_broken"
    (event,) = log.events(PRODUCT_SEGMENTED.name, ProductSegmented)
    assert (event.product_id, event.segmentation.refusal) == ("empty", "no_product")


async def test_a_redelivered_event_is_announced_again_word_for_word() -> None:
    blobs = MemoryBlobs()
    blobs.put("uploads/mug", encode_image(with_product(blank(), disc(), (200, 30, 30))), "image/png")
    broker = listening(blobs)
    async with memory_broker(broker) as log:
        await submit(broker, log, "mug")
        await submit(broker, log, "mug")
    one, two = log.said(PRODUCT_SEGMENTED.name)
    assert one.value == two.value
