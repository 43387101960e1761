"""Kafka in, core, Kafka out."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from faststream.kafka import KafkaBroker

from services.segmenter.core import SegmentProduct
from shared.contracts.events import ProductSubmitted
from shared.contracts.topics import PRODUCT_SEGMENTED, PRODUCT_SUBMITTED


def subscribe(broker: KafkaBroker, segment: SegmentProduct) -> None:
    """Answer every product.submitted with one product.segmented."""
    out = broker.publisher(PRODUCT_SEGMENTED.name)
    one_thread = ThreadPoolExecutor(1, thread_name_prefix="segmenter")  # the model never runs on the event loop

    @broker.subscriber(PRODUCT_SUBMITTED.name, group_id="segmenter")
    async def on_product_submitted(event: ProductSubmitted) -> None:
        segmented = await asyncio.get_running_loop().run_in_executor(one_thread, copy_context().run, segment, event)
        await out.publish(segmented, key=segmented.key.encode())
