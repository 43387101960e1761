"""The learning lane on a real Kafka, MinIO and PostgreSQL: photos judged, a dataset released, one model promoted."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psycopg
import pytest
from kafka import KafkaConsumer
from prometheus_client import CollectorRegistry

from services.curator import app as curator
from services.curator import handlers as curator_handlers
from services.curator.migrations import upgrade
from services.curator.settings import CuratorSettings
from services.trainer import app as trainer
from services.trainer import handlers as trainer_handlers
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore, digest, image_key, mask_key
from shared.contracts.events import Caption, ProductCaptioned, ProductFacts, Segmentation
from shared.contracts.images import encode_image
from shared.contracts.topics import MODEL_PROMOTED, MODEL_TRAINED, PRODUCT_CAPTIONED
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings
from tests.fakes.trainer import FakeTrainer

pytestmark = pytest.mark.connected

PATIENCE_S = 180  # only a failure takes it
MODEL = f"model-{uuid.uuid4().hex[:8]}"


def photo(blobs: BlobStore, seed: int) -> ProductCaptioned:
    """A cloudy, grainy picture with a square product."""
    rng = np.random.default_rng(seed)
    clouds = cv2.resize(rng.uniform(40, 215, (6, 6, 3)), (288, 288), interpolation=cv2.INTER_CUBIC)
    picture = np.clip(clouds + rng.normal(0, 12, clouds.shape), 0, 255).astype(np.uint8)
    mask = np.zeros(picture.shape[:2], dtype=np.uint8)
    mask[90:200, 90:200] = 255
    bytes_of = {"image": encode_image(picture), "mask": encode_image(mask)}
    image = blobs.put(image_key(digest(bytes_of["image"]), "png"), bytes_of["image"], "image/png")
    mask_ref = blobs.put(mask_key(image.sha256, "drawn", digest(bytes_of["mask"])), bytes_of["mask"], "image/png")
    return ProductCaptioned(
        product_id=f"{MODEL}-{seed}",
        image=image,
        facts=ProductFacts(may_train=True),
        segmentation=Segmentation(mask=mask_ref, confidence=1.0, backdrop="scene", area=0.15, segmenter="drawn"),
        caption=Caption(
            product_short="box",
            product_long="a box",
            background_short="coloured tiles",
            background_long="before coloured tiles",
            captioner="drawn",
        ),
    )


def heard(settings: KafkaSettings, topic: str) -> Iterator[dict[str, Any]]:
    """What a foreign reader finds on a topic about our model."""
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=settings.bootstrap_servers,
        auto_offset_reset="earliest",
        consumer_timeout_ms=3000,
        metadata_max_age_ms=1_000,  # a topic that its first question misses is asked for again
    )
    for message in consumer:
        event = json.loads(message.value)
        if event["model"] == MODEL:
            assert message.key.decode().split("/")[0] == MODEL
            yield event
    consumer.close()


def said(settings: KafkaSettings, topic: str) -> list[dict[str, Any]]:
    """All of it, once there is something."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        if found := list(heard(settings, topic)):
            return found
    return []


@pytest.fixture
def database(postgres_dsn: str) -> str:
    """A catalogue in which nobody else's photos wait for a release."""
    name = MODEL.replace("-", "_")
    with psycopg.connect(postgres_dsn.replace("postgresql+psycopg", "postgresql"), autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
    dsn = f"{postgres_dsn.rpartition('/')[0]}/{name}"
    upgrade(dsn)
    return dsn


async def test_photos_become_one_promoted_model(
    kafka_settings: KafkaSettings, minio_settings: MinioSettings, database: str, tmp_path: Path
) -> None:
    blobs = MinioBlobs(minio_settings)
    curating = curator.assemble(
        CuratorSettings(database=database, release_every=3, model=MODEL, train=("product",), steps=5), blobs
    )
    brokers = {
        name: make_broker(kafka_settings, service=name, registry=CollectorRegistry())
        for name in ("curator", "one", "two")
    }
    publish_release = curator_handlers.subscribe(brokers["curator"], curating)
    tasks = [asyncio.create_task(curator_handlers.release_when_due(curating, publish_release, every_s=0.2))]
    for name in ("one", "two"):  # two trainers, one ledger
        settings = TrainerSettings(work=tmp_path / name, holder=name)
        training = trainer.assemble(settings, blobs, {"product": FakeTrainer()})
        publish_training = trainer_handlers.subscribe(brokers[name], training.accept, training.roll_back)
        tasks.append(asyncio.create_task(trainer_handlers.work(training.jobs, publish_training, every_s=0.2)))
    async with brokers["curator"], brokers["one"], brokers["two"]:
        for broker in brokers.values():
            await broker.start()
        for seed in range(3):
            event = await asyncio.to_thread(photo, blobs, seed)
            await brokers["curator"].publish(event, PRODUCT_CAPTIONED.name, key=event.key.encode())
        promoted = await asyncio.to_thread(said, kafka_settings, MODEL_PROMOTED.name)
        trained = await asyncio.to_thread(said, kafka_settings, MODEL_TRAINED.name)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert len(promoted) == 1 and len(trained) == 1
    assert blobs.find(promoted[0]["weights"]["key"]) is not None
