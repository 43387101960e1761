"""Kafka in, one call, Kafka out: products and requests to outcomes, promoted models to the painter."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from faststream.kafka import KafkaBroker

from services.inpainter.adoption import AdoptModel
from services.inpainter.core import LearnStyle, Outcome, PaintBackgrounds
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    ModelPromoted,
    ProductCaptioned,
    StyleMined,
)
from shared.contracts.topics import (
    BACKGROUND_GENERATED,
    BACKGROUND_REJECTED,
    BACKGROUND_REQUESTED,
    MODEL_PROMOTED,
    PRODUCT_CAPTIONED,
    STYLE_MINED,
)

GROUP = "inpainter"


def subscribe(broker: KafkaBroker, paint: PaintBackgrounds, adopt: AdoptModel, learn: LearnStyle) -> None:
    """Bind the use cases. One thread paints, so the loop keeps its heartbeat.

    Every replica hears all promotions and all styles.
    """
    outs = {
        BackgroundGenerated: broker.publisher(BACKGROUND_GENERATED.name),
        BackgroundRejected: broker.publisher(BACKGROUND_REJECTED.name),
    }
    painting = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inpainter")

    async def publish(outcome: Outcome) -> None:
        await outs[type(outcome)].publish(outcome, key=outcome.key.encode())

    @broker.subscriber(PRODUCT_CAPTIONED.name, group_id=GROUP)
    async def on_captioned(event: ProductCaptioned) -> None:
        loop, outcomes = asyncio.get_running_loop(), paint.product(event)
        while (outcome := await loop.run_in_executor(painting, copy_context().run, _next, outcomes)) is not None:
            await publish(outcome)  # one by one: a brand sees the first while the next is painted

    @broker.subscriber(BACKGROUND_REQUESTED.name, group_id=GROUP)
    async def on_requested(event: BackgroundRequested) -> None:
        await publish(
            await asyncio.get_running_loop().run_in_executor(painting, copy_context().run, paint.request, event)
        )

    @broker.subscriber(MODEL_PROMOTED.name)
    async def on_promoted(event: ModelPromoted) -> None:
        await asyncio.get_running_loop().run_in_executor(painting, copy_context().run, adopt, event)

    @broker.subscriber(STYLE_MINED.name)
    async def on_style_mined(event: StyleMined) -> None:
        await asyncio.get_running_loop().run_in_executor(painting, learn, event)


def _next(outcomes: Iterator[Outcome]) -> Outcome | None:
    return next(outcomes, None)
