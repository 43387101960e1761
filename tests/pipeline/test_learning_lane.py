"""The learning lane in one process: photos with consent become a dataset, a real LoRA, and news of both."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import torch
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from safetensors.torch import load_file

from bundled.quick import quick_scenes
from services.curator import app as curator
from services.curator import handlers as curator_handlers
from services.curator.settings import CuratorSettings
from services.gateway import app as gateway
from services.gateway.heard.rebuilding import rebuild
from services.gateway.settings import GatewaySettings
from services.trainer import app as trainer
from services.trainer import handlers as trainer_handlers
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore, digest, image_key, mask_key
from shared.contracts.events import (
    Caption,
    ModelTrained,
    ProductCaptioned,
    ProductFacts,
    SampleCurated,
    Segmentation,
    TrainingProgressed,
)
from shared.contracts.images import decode_photo, encode_image
from shared.contracts.topics import MODEL_TRAINED, PRODUCT_CAPTIONED, SAMPLE_CURATED, TRAINING_PROGRESSED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes.tiny_inpainter import write_tiny_inpainter

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def photos(blobs: BlobStore, count: int) -> list[ProductCaptioned]:
    """What the captioner says of drawn scenes."""
    return [_captioned(blobs, f"product-{n}", s) for n, s in enumerate(itertools.islice(quick_scenes(3, 256), count))]


def _captioned(blobs: BlobStore, product_id: str, sample: object) -> ProductCaptioned:
    picture, mask = (encode_image(getattr(sample, name)) for name in ("image", "mask"))
    image = blobs.put(image_key(digest(picture), "png"), picture, "image/png")
    mask_ref = blobs.put(mask_key(image.sha256, "drawn", digest(mask)), mask, "image/png")
    caption = Caption(
        product_short="mug",
        product_long="a mug",
        background_short="wooden table",
        background_long="on a wooden table before a brick wall",
        captioner="drawn",
    )
    return ProductCaptioned(
        product_id=product_id,
        image=image,
        facts=ProductFacts(may_train=True),
        caption=caption,
        segmentation=Segmentation(mask=mask_ref, confidence=1.0, backdrop="scene", area=0.2, segmenter="drawn"),
    )


def a_broker(service: str) -> Broker:
    return make_broker(KafkaSettings(), service=service, registry=CollectorRegistry())


async def until(log: MemoryLog, done: Callable[[MemoryLog], object], seconds: float = 300) -> None:
    async with asyncio.timeout(seconds):
        while not done(log):
            await asyncio.sleep(0.05)


async def test_photos_become_a_real_lora(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs", "backdrop")
    base = write_tiny_inpainter(tmp_path / "base")
    curating = curator.assemble(
        CuratorSettings(database=f"sqlite:///{tmp_path / 'catalogue.sqlite'}", release_every=4, steps=6), blobs
    )
    training = trainer.assemble(
        TrainerSettings(work=tmp_path / "work", bases={"mini-inpainter": str(base)}, size=64, batch=2, rank=2), blobs
    )
    brokers = [a_broker("curator"), a_broker("trainer")]
    publish_release = curator_handlers.subscribe(brokers[0], curating)
    publish_training = trainer_handlers.subscribe(brokers[1], training.accept, training.roll_back)
    async with memory_broker(*brokers) as log:
        for event in photos(blobs, 6):
            await brokers[0].publish(event, PRODUCT_CAPTIONED.name, key=event.key.encode())
        await log.settled()
        assert {event.verdict for event in log.events(SAMPLE_CURATED.name, SampleCurated)} == {"kept"}
        tasks = [
            asyncio.create_task(curator_handlers.release_when_due(curating, publish_release, every_s=0.1)),
            asyncio.create_task(trainer_handlers.work(training.jobs, publish_training, every_s=0.1)),
        ]
        await until(log, lambda log: log.said(MODEL_TRAINED.name))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        (trained,) = log.events(MODEL_TRAINED.name, ModelTrained)
        progress = log.events(TRAINING_PROGRESSED.name, TrainingProgressed)
    assert trained.dataset_version.startswith("0001-") and progress[-1].step == 6
    assert {"held_out_loss", "base_held_out_loss"} <= set(trained.metrics)
    weights = tmp_path / "lora.safetensors"
    weights.write_bytes(blobs.get(trained.weights.key))
    assert load_file(weights)
    await seen_by_a_curator(log, blobs, tmp_path)


async def seen_by_a_curator(log: MemoryLog, blobs: BlobStore, folder: Path) -> None:
    """The studio's page reads these of the gateway's answers (`page/js/curation`); nothing in them is made up here."""
    settings = GatewaySettings(database=f"sqlite:///{folder / 'gateway.sqlite'}", secret=SecretStr(40 * "s"))
    parts = gateway.assemble(settings.model_copy(update={"single_user": True}), a_broker("gateway"), blobs)
    rebuild(parts.store, log.records)
    transport = httpx.ASGITransport(app=gateway.api_of(parts, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/v1/") as client:
        (training,), (revision,) = [(await client.get(name)).json() for name in ("trainings", "models")]
        sheet = await client.get(f"models/{revision['model']}/revisions/{revision['revision']}/sheet")
    assert (training["job_id"], training["step"], training["failure"]) == (revision["job_id"], training["steps"], None)
    figures = {name for name in revision["metrics"] if f"in_use_{name}" in revision["metrics"]}
    assert {"held_out_loss", "held_out_expansion", "held_out_judge"} <= figures
    assert (revision["sequence"] > 0) == revision["promoted"]
    width, height = decode_photo(sheet.content).size
    assert width % 3 == 0 and height % (width // 3) == 0, "rows of three squares"
