"""product.segmented in, one call, product.captioned out."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from faststream.kafka import KafkaBroker

from services.captioner.core import CaptionProduct
from shared.contracts.events import ProductSegmented
from shared.contracts.topics import PRODUCT_CAPTIONED, PRODUCT_SEGMENTED

GROUP = "captioner"


def subscribe(broker: KafkaBroker, caption: CaptionProduct) -> None:
    """Bind the use case to its topics. One thread does the looking, so that the loop keeps its heartbeat."""
    out = broker.publisher(PRODUCT_CAPTIONED.name)
    looking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="captioner")

    @broker.subscriber(PRODUCT_SEGMENTED.name, group_id=GROUP)
    async def on_segmented(event: ProductSegmented) -> None:
        captioned = await asyncio.get_running_loop().run_in_executor(looking, copy_context().run, caption, event)
        await out.publish(captioned, key=captioned.key.encode())
