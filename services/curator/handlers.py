"""Kafka in, one call, Kafka out; releases are made beside the consumers, so that no message waits for one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from faststream.kafka import KafkaBroker

from services.curator.curator import Curator
from shared.contracts.errors import DependencyDown
from shared.contracts.events import (
    BackgroundReviewed,
    DatasetReleased,
    Event,
    ProductCaptioned,
    ProductEngaged,
    ProductWithdrawn,
    SampleCurated,
    StyleMined,
    TrainingRequested,
)
from shared.contracts.topics import (
    BACKGROUND_REVIEWED,
    DATASET_RELEASED,
    PRODUCT_CAPTIONED,
    PRODUCT_ENGAGED,
    PRODUCT_WITHDRAWN,
    SAMPLE_CURATED,
    STYLE_MINED,
    TRAINING_REQUESTED,
)

Publish = Callable[[Event], Awaitable[None]]
log = logging.getLogger("curator")

PHOTOS_AT_ONCE = 250  # decoded in a few seconds; what a transaction costs is shared by as many
WINDOWS_AT_ONCE = 500


def subscribe(broker: KafkaBroker, curator: Curator, *, heard: Callable[[Event], None] = lambda _: None) -> Publish:
    """Hear photos, engagement, opt-outs and reviews. Returns `publish`, which publishes what releasing has to announce.

    `heard` is told of engagement and reviews that were taken.
    """
    outs = {
        SampleCurated: broker.publisher(SAMPLE_CURATED.name),
        DatasetReleased: broker.publisher(DATASET_RELEASED.name),
        StyleMined: broker.publisher(STYLE_MINED.name),
        TrainingRequested: broker.publisher(TRAINING_REQUESTED.name),
    }

    async def publish(event: Event) -> None:
        await outs[type(event)].publish(event, key=event.key.encode())

    @broker.subscriber(PRODUCT_CAPTIONED.name, group_id="curator", batch=True, max_records=PHOTOS_AT_ONCE)
    async def on_products_captioned(events: list[ProductCaptioned]) -> None:
        for curated in await asyncio.to_thread(curator.curate, events):
            await publish(curated)

    @broker.subscriber(PRODUCT_ENGAGED.name, group_id="curator", batch=True, max_records=WINDOWS_AT_ONCE)
    async def on_products_engaged(events: list[ProductEngaged]) -> None:
        await asyncio.to_thread(curator.engage, events)
        for event in events:
            heard(event)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_product_withdrawn(event: ProductWithdrawn) -> None:
        await asyncio.to_thread(curator.withdraw, event)

    @broker.subscriber(BACKGROUND_REVIEWED.name, group_id="curator")
    async def on_background_reviewed(event: BackgroundReviewed) -> None:
        await asyncio.to_thread(curator.review, event)
        heard(event)

    return publish


async def announce(curator: Curator, publish: Publish) -> int:
    """Announce releases and styles nobody has heard of; a kill in between repeats an announcement with the same ids."""
    unannounced = await asyncio.to_thread(curator.unannounced)
    for release, events in unannounced:
        with curator.journey("release"):
            for event in events:
                await publish(event)
        await asyncio.to_thread(curator.mark_announced, release)
    styles = await asyncio.to_thread(curator.unannounced_styles)
    for style in styles:
        await publish(style)
        await asyncio.to_thread(curator.mark_style_announced, style)
    return len(unannounced) + len(styles)


async def release_when_due(curator: Curator, publish: Publish, *, every_s: float) -> None:
    """Release and announce until cancelled. What goes wrong (no database, no Kafka) is tried again next time."""
    while True:
        await _tried(asyncio.to_thread(curator.release_due))
        await _tried(asyncio.to_thread(curator.renew_styles))
        await _tried(announce(curator, publish))  # of what was made before, too, when no more can be made
        await asyncio.sleep(every_s)


async def _tried(work: Awaitable[object]) -> None:
    try:
        await work
    except DependencyDown as error:
        log.warning("datasets are released later: %s", error.message)
    except Exception:
        log.exception("datasets could not be released; trying again")
