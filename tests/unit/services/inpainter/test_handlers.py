"""The Kafka edge, on FastStream's in-memory broker."""

from typing import Any

from faststream.kafka import KafkaBroker, TestKafkaBroker
from prometheus_client import CollectorRegistry

from services.inpainter.adoption import AdoptModel, Ours
from services.inpainter.core import LearnStyle
from services.inpainter.handlers import subscribe
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    Event,
    ModelPromoted,
    Scene,
)
from shared.contracts.topics import BACKGROUND_GENERATED, BACKGROUND_REJECTED, BACKGROUND_REQUESTED, topic_of
from shared.runtime.broker import make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes.painter import FixedJudge

OURS = Ours(model="mini-inpainter", base="b", judge="mini-judge")


def adopting(studio: Any) -> AdoptModel:
    return AdoptModel(studio.painter, FixedJudge(), studio.blobs, OURS)


async def test_products_requests_and_promotions_are_heard_and_outcomes_are_said(studio: Any) -> None:
    broker, heard = KafkaBroker(), []
    subscribe(broker, studio.paint, adopting(studio), LearnStyle(studio.paint.generate))

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
        studio.captioned(Scene(), product_id="two-mugs", refusal="several_products"),
    ]
    async with TestKafkaBroker(broker) as running:
        for event in said:
            await running.publish(event, topic_of(event).name, key=event.key.encode())
    assert [type(event).__name__ for event in heard] == ["BackgroundGenerated"] * 3 + ["BackgroundRejected"]
    assert {event.images[0].model for event in heard[:3]} == {"still@2"}
    assert heard[3].reason == "several_products"


async def test_a_request_that_overtakes_its_product_is_painted_when_it_has_come(studio: Any) -> None:
    answers = await answers_to(studio, [BackgroundRequested(product_id="mug-1", request_id="r-1"), studio.captioned()])
    assert [(type(event).__name__, event.request_id) for event in answers] == [("BackgroundGenerated", "r-1")]


async def test_a_request_whose_product_never_comes_is_rejected_after_its_rounds_and_leaves_no_letter(
    studio: Any,
) -> None:
    known = BackgroundRequested(product_id="mug-1", request_id="r-2")
    said = [BackgroundRequested(product_id="nobody", request_id="r-1"), studio.captioned(), known]
    generated, rejected = await answers_to(studio, said)
    assert generated.request_id == "r-2"  # the neighbour did not wait for it
    assert (rejected.request_id, rejected.reason) == ("r-1", "unknown_product")


async def answers_to(studio: Any, said: list[Event]) -> list[BackgroundGenerated | BackgroundRejected]:
    """What the inpainter answers, in order of time; a dead letter fails the test."""
    settings = KafkaSettings(not_yet_delays_s=(0.05, 0.2))
    broker = make_broker(settings, service="inpainter", registry=CollectorRegistry())
    subscribe(broker, studio.paint, adopting(studio), LearnStyle(studio.paint.generate))
    async with memory_broker(broker) as log:
        for event in said:
            await broker.publish(event, topic=topic_of(event).name)
        await log.settled(20)
        assert log.said(BACKGROUND_REQUESTED.dead) == []
        return [
            *log.events(BACKGROUND_GENERATED.name, BackgroundGenerated),
            *log.events(BACKGROUND_REJECTED.name, BackgroundRejected),
        ]
