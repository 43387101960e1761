"""The Kafka edge, on FastStream's in-memory broker."""

from typing import Any

from faststream.kafka import KafkaBroker, TestKafkaBroker

from services.inpainter.core import AdoptModel
from services.inpainter.handlers import subscribe
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    Event,
    ModelPromoted,
    Scene,
)
from shared.contracts.topics import topic_of


async def test_products_requests_and_promotions_are_heard_and_outcomes_are_said(studio: Any) -> None:
    broker, heard = KafkaBroker(), []
    subscribe(broker, studio.paint, AdoptModel(studio.painter, studio.blobs, "mini-inpainter"))

    @broker.subscriber("background.generated.v1", group_id="test")
    async def on_generated(event: BackgroundGenerated) -> None:
        heard.append(event)

    @broker.subscriber("background.rejected.v1", group_id="test")
    async def on_rejected(event: BackgroundRejected) -> None:
        heard.append(event)

    weights = studio.blobs.put("lora", b"weights", "application/octet-stream")
    said: list[Event] = [
        ModelPromoted(model="mini-inpainter", revision="2", stage="product", base="b", weights=weights),
        studio.captioned(Scene(prompt="on sand"), Scene(prompt="on an oak table")),
        BackgroundRequested(product_id="mug-1", request_id="r-1", scene=Scene(prompt="marble counter")),
        BackgroundRequested(product_id="nobody", request_id="r-2"),
    ]
    async with TestKafkaBroker(broker) as running:
        for event in said:
            await running.publish(event, topic_of(event).name, key=event.key.encode())
    assert [type(event).__name__ for event in heard] == ["BackgroundGenerated"] * 3 + ["BackgroundRejected"]
    assert {event.images[0].model for event in heard[:3]} == {"still@2"}
    assert heard[3].reason == "unknown_product"
