"""Every joint of the loop on real servers: engagement in, a better model trained and adopted, other options out."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
from prometheus_client import CollectorRegistry

from services.curator import app as curator
from services.curator import handlers as curator_handlers
from services.curator.migrations import upgrade
from services.curator.settings import CuratorSettings
from services.inpainter import app as inpainter
from services.inpainter import handlers as inpainter_handlers
from services.inpainter.settings import InpainterSettings
from services.trainer import app as trainer
from services.trainer import handlers as trainer_handlers
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.events import BackgroundRequested, ProductCaptioned, ProductEngaged, ProductFacts, Scene
from shared.contracts.manifests import RequestManifest, manifest_key
from shared.contracts.topics import BACKGROUND_REQUESTED, PRODUCT_CAPTIONED, PRODUCT_ENGAGED
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.tiny_inpainter import write_tiny_inpainter

from .test_learning import MODEL, photo

pytestmark = [pytest.mark.connected, pytest.mark.timeout(400)]

COUNT, PATIENCE_S = 12, 300.0
WISH = Scene(prompt="a red wall", seed=5, strength=0.8)


def liked(product_id: str, number: int) -> ProductEngaged:
    end = datetime.now(UTC) - timedelta(hours=1)
    return ProductEngaged(
        product_id=product_id, window_start=end - timedelta(days=1), window_end=end, impressions=1000,
        clicks=200 + number,
    )  # fmt: skip


def consenting(blobs: BlobStore, number: int) -> ProductCaptioned:
    facts = ProductFacts(may_train=True, promoted=True)
    return photo(blobs, 100 + number).model_copy(update={"facts": facts})


async def answered(blobs: BlobStore, request_id: str) -> Any:
    """The outcome of a request, once it is there."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        if await asyncio.to_thread(blobs.find, manifest_key(request_id)):
            data = await asyncio.to_thread(blobs.get, manifest_key(request_id))
            return RequestManifest.model_validate_json(data).outcome
        await asyncio.sleep(0.2)
    raise TimeoutError(request_id)


async def test_what_people_like_changes_what_is_painted(
    kafka_settings: KafkaSettings, minio_settings: MinioSettings, postgres_dsn: str, tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    await asyncio.to_thread(upgrade, postgres_dsn)
    blobs, base = MinioBlobs(minio_settings), str(write_tiny_inpainter(tmp_path / "base"))
    model = f"{MODEL}-loop"
    brokers = {
        name: make_broker(kafka_settings, service=name, registry=CollectorRegistry())
        for name in ("curator", "trainer", "inpainter")
    }
    curating = curator.assemble(
        CuratorSettings(
            database=postgres_dsn, release_every=COUNT, model=model, train=("engaged",), steps=30, top_share=1.0,
            category_share=1.0, merchant_share=1.0,
        ),
        blobs,
    )  # fmt: skip
    training = trainer.assemble(
        TrainerSettings(
            work=tmp_path / "trainer", bases={model: base}, size=64, batch=2, rank=4, learning_rate=1e-2, paints=0
        ),
        blobs,
    )
    painting = inpainter.assemble(
        InpainterSettings(
            model=base, model_name=model, side=64, steps=2, judge_gate=0.0, extra_candidates=0, work=tmp_path / "i"
        ),
        blobs, FakeImageFetcher(),
    )  # fmt: skip
    release = curator_handlers.subscribe(brokers["curator"], curating)
    announce = trainer_handlers.subscribe(brokers["trainer"], training.accept, training.roll_back)
    inpainter_handlers.subscribe(brokers["inpainter"], painting.paint, painting.adopt, painting.learn)
    tasks = [
        asyncio.create_task(curator_handlers.release_when_due(curating, release, every_s=0.5)),
        asyncio.create_task(trainer_handlers.work(training.jobs, announce, every_s=0.5)),
    ]
    async with brokers["curator"] as client, brokers["trainer"], brokers["inpainter"]:
        for broker in brokers.values():
            await broker.start()
        products = [await asyncio.to_thread(consenting, blobs, number) for number in range(COUNT)]
        for event in products:
            await client.publish(event, PRODUCT_CAPTIONED.name, key=event.key.encode())
        wish = BackgroundRequested(product_id=products[0].product_id, request_id=f"{model}-before", scene=WISH)
        await client.publish(wish, BACKGROUND_REQUESTED.name, key=wish.key.encode())
        before = await answered(blobs, wish.request_id)
        for number, event in enumerate(products):
            said = liked(event.product_id, number)
            await client.publish(said, PRODUCT_ENGAGED.name, key=said.key.encode())
        limit = time.monotonic() + PATIENCE_S
        while painting.adopt.painter.name.endswith("@base") and time.monotonic() < limit:
            await asyncio.sleep(0.2)
        again = wish.model_copy(update={"request_id": f"{model}-after"})
        await client.publish(again, BACKGROUND_REQUESTED.name, key=again.key.encode())
        after = await answered(blobs, again.request_id)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    old, new = before.images[0], after.images[0]
    assert old.model == f"{model}@base" and new.model != old.model
    used = training.jobs.starting_points.registry.in_use(model, "engaged", base)
    assert used is not None and new.model == f"{model}@{used.revision}"
    assert (old.seed, old.prompt) == (new.seed, new.prompt) and old.image.sha256 != new.image.sha256
