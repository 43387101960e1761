"""A stage without a model, as the fault test runs and kills it: `fault_worker.py first|second <kafka> <minio>`."""

import asyncio
import json
import logging
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from prometheus_client import CollectorRegistry

from shared.contracts.blobs import BlobStore, stage_key
from shared.contracts.events import ProductSubmitted, ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_SUBMITTED, PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings

WORK_S = 0.05  # as a small model takes: there is always something left to be killed in


def first(broker: Broker, blobs: BlobStore) -> None:
    """Reads the photo, writes a result and its manifest, says so: the order that every service keeps."""
    out = broker.publisher(PRODUCT_WITHDRAWN.name)

    @broker.subscriber(PRODUCT_SUBMITTED.name, group_id="first")
    async def on_submitted(event: ProductSubmitted) -> None:
        answer = await asyncio.to_thread(work, blobs, event)
        await out.publish(answer)


def work(blobs: BlobStore, event: ProductSubmitted) -> ProductWithdrawn:
    photo = blobs.get(event.image.key or "")
    time.sleep(WORK_S)
    key = stage_key(event.product_id, "first")
    blobs.put(f"masks/{event.product_id}", photo[::-1], "application/octet-stream")
    answer = ProductWithdrawn(product_id=event.product_id, reason=f"{len(photo)} bytes")
    if not blobs.put_if_absent(key, answer.model_dump_json().encode(), "application/json"):
        answer = ProductWithdrawn.model_validate_json(blobs.get(key))
    return answer


def second(broker: Broker, blobs: BlobStore) -> None:
    """Answers at once."""
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="second")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        await out.publish(
            SampleCurated(product_id=event.product_id, image_sha256="a" * 64, verdict="dropped", reason=event.reason)
        )


async def main(stage: str, kafka: str, minio: str) -> None:
    """Run until killed."""
    logging.disable(logging.WARNING)  # losing its coordinator is what this is about
    settings = KafkaSettings.model_validate(json.loads(kafka))
    broker = make_broker(settings, service=stage, registry=CollectorRegistry())
    {"first": first, "second": second}[stage](broker, MinioBlobs(MinioSettings.model_validate(json.loads(minio))))
    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
