"""What people like, on real Kafka, MinIO and PostgreSQL: clicks on options become a style and a model, and both are
painted with."""

import asyncio
import contextlib
import itertools
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from services.curator import app as curator
from services.curator import handlers as curator_handlers
from services.curator.curator import Curator
from services.curator.datasets.selection import Splits
from services.curator.migrations import upgrade
from services.curator.settings import CuratorSettings
from services.inpainter import handlers as inpainter_handlers
from services.inpainter.adoption import AdoptModel, Ours
from services.inpainter.candidates import GenerateCandidates
from services.inpainter.core import LearnStyle, PaintBackgrounds
from services.inpainter.model.inpainting import InpaintPainter
from services.trainer import app as trainer
from services.trainer import handlers as trainer_handlers
from services.trainer.settings import TrainerSettings
from services.trainer.store.registry import ModelRegistry
from shared.contracts.blobs import BlobStore, digest, image_key, mask_key
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRequested,
    Caption,
    Event,
    GeneratedImage,
    ProductCaptioned,
    ProductEngaged,
    ProductFacts,
    Scene,
    SceneIdea,
    Segmentation,
)
from shared.contracts.images import encode_image
from shared.contracts.manifests import RequestManifest, manifest_key
from shared.contracts.topics import topic_of
from shared.runtime.broker import Broker, make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.painter import FixedAdherence, FixedJudge
from tests.fakes.tiny_inpainter import write_tiny_inpainter
from tests.unit.services.inpainter.conftest import PLATES, mug, picture_of

pytestmark = pytest.mark.connected

RUN = uuid.uuid4().hex[:8]
MODEL = f"model-{RUN}"
NOW = datetime.now(UTC)
IDEAS = (SceneIdea(prompt="on an oak table, brick wall"), SceneIdea(prompt="on golden sand, sea behind"))


def products() -> list[str]:
    """Twelve names, three of which are held out: enough to compare on."""
    names = [f"{RUN}-{number}" for number in range(300)]
    held = [name for name in names if Splits()[name] == "held"][:3]
    return [*held, *itertools.islice((name for name in names if Splits()[name] == "train"), 9)]


PRODUCTS = products()


def captioned(blobs: BlobStore, number: int, name: str) -> ProductCaptioned:
    """A promoted packshot whose owner consents, with two ideas and one empty scene of two options."""
    photo, mask = mug()
    photo[0, 0] = number
    data, outline = encode_image(photo), encode_image(mask)
    image = blobs.put(image_key(digest(data), "png"), data, "image/png")
    image = image.model_copy(update={"width": photo.shape[1], "height": photo.shape[0]})
    mask_ref = blobs.put(mask_key(image.sha256, "drawn", digest(outline)), outline, "image/png")
    return ProductCaptioned(
        product_id=name,
        image=image,
        facts=ProductFacts(may_train=True, promoted=True),
        segmentation=Segmentation(mask=mask_ref, confidence=1.0, backdrop="plain", area=0.15, segmenter="drawn"),
        caption=Caption(
            product_short="a mug",
            product_long="a mug",
            background_short="white",
            background_long="plain white",
            ideas=IDEAS,
            captioner="drawn",
        ),
        scenes=(Scene(count=2),),
    )


@dataclass
class Works:
    """Curator, trainer and inpainter over one store, on a broker each; trainer and painter are real, and tiny."""

    blobs: BlobStore
    curating: Curator
    publish: curator_handlers.Publish
    generate: GenerateCandidates
    brokers: dict[str, Broker]

    def made(self) -> list[BackgroundGenerated]:
        """Our options so far."""
        keys = [key for key in self.blobs.keys("backgrounds/") if key.endswith("manifest.json")]
        found = (RequestManifest.model_validate_json(self.blobs.get(key)).generated for key in keys)
        return [one for one in found if one is not None and one.product_id.startswith(RUN)]

    async def say(self, *events: Event) -> None:
        """As a platform."""
        for event in events:
            await self.brokers["curator"].publish(event, topic_of(event).name, key=event.key.encode())

    async def asked(self, name: str) -> BackgroundGenerated:
        """One option of the same scene of the same product, from the system as it is now."""
        scene, request_id = Scene(prompt="on golden sand, sea behind", count=1, seed=3), f"{RUN}-{name}"
        await self.say(BackgroundRequested(product_id=PRODUCTS[0], request_id=request_id, scene=scene))
        await until(lambda: self.blobs.find(manifest_key(request_id)) is not None, f"the picture `{name}`")
        return next(one for one in self.made() if one.request_id == request_id)


@contextlib.asynccontextmanager
async def works(kafka: KafkaSettings, blobs: BlobStore, database: str, folder: Path) -> AsyncIterator[Works]:
    """All of them, until the end of the block."""
    base = write_tiny_inpainter(folder / "base")
    names = ("curator", "trainer", "inpainter")
    brokers = {name: make_broker(kafka, service=name, registry=CollectorRegistry()) for name in names}
    settings = CuratorSettings(
        database=database, release_every=1, train=("engaged",), model=MODEL, steps=30, top_share=0.5
    )
    curating = curator.assemble(settings, blobs)
    publish = curator_handlers.subscribe(brokers["curator"], curating)
    training = trainer.assemble(
        TrainerSettings(
            work=folder / "work", bases={MODEL: str(base)}, size=64, batch=3, rank=4, learning_rate=5e-3, paints=0
        ),
        blobs,
    )
    publish_training = trainer_handlers.subscribe(brokers["trainer"], training.accept, training.roll_back)
    generate = inpainting(brokers["inpainter"], blobs, base)
    async with contextlib.AsyncExitStack() as stack:
        for broker in brokers.values():
            await stack.enter_async_context(broker)
            await broker.start()
        task = asyncio.create_task(trainer_handlers.work(training.jobs, publish_training, every_s=0.5))
        try:
            yield Works(blobs, curating, publish, generate, brokers)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def inpainting(broker: Broker, blobs: BlobStore, base: Path) -> GenerateCandidates:
    """The service over a tiny painter; the judge likes everything."""
    painter = InpaintPainter(str(base), name=MODEL, side=64, steps=2, threads=1)
    generate = GenerateCandidates(
        painter=painter,
        judge=FixedJudge(),
        adherence=FixedAdherence(),
        blobs=blobs,
        fetcher=FakeImageFetcher(),
        plates=PLATES,
        picture_of=picture_of,
    )
    adopt = AdoptModel(painter, FixedJudge(), blobs, Ours(model=MODEL, base=str(base), judge="mini-judge"))
    inpainter_handlers.subscribe(broker, PaintBackgrounds(generate, blobs), adopt, LearnStyle(generate))
    return generate


def clicked(made: BackgroundGenerated, image: GeneratedImage) -> ProductEngaged:
    """Oak is liked, sand is not."""
    return ProductEngaged(
        product_id=made.product_id,
        request_id=made.request_id,
        image=image.image,
        model=image.model,
        impressions=1000,
        clicks=300 if "oak" in image.prompt else 20,
        window_start=NOW - timedelta(days=1),
        window_end=NOW,
    )


async def until(met: object, what: str) -> None:
    """Poll a condition; only a failure takes five minutes."""
    for _ in range(1500):
        if await asyncio.to_thread(met):  # type: ignore[arg-type]
            return
        await asyncio.sleep(0.2)
    pytest.fail(f"{what} did not come")


@pytest.fixture
def database(postgres_dsn: str) -> str:
    """A catalogue in which nobody else's pictures are liked."""
    import psycopg

    with psycopg.connect(postgres_dsn.replace("postgresql+psycopg", "postgresql"), autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE taste_{RUN}")
    dsn = f"{postgres_dsn.rpartition('/')[0]}/taste_{RUN}"
    upgrade(dsn)
    return dsn


async def test_clicks_become_a_style_and_a_better_model_and_the_next_options_are_others(
    kafka_settings: KafkaSettings, minio_settings: MinioSettings, database: str, tmp_path: Path
) -> None:
    blobs = MinioBlobs(minio_settings)
    async with works(kafka_settings, blobs, database, tmp_path) as all_of_it:
        catalogue, painter = all_of_it.curating.catalogue, all_of_it.generate.painter
        photos = [await asyncio.to_thread(captioned, blobs, *one) for one in enumerate(PRODUCTS)]
        await all_of_it.say(*photos)
        await until(lambda: len(all_of_it.made()) == len(PRODUCTS), "the options")
        await until(lambda: len(PRODUCTS) <= sum(catalogue.reasons().values()), "the verdicts")
        before = await all_of_it.asked("before")
        options = [
            (made, image) for made in all_of_it.made() if made.request_id != before.request_id for image in made.images
        ]
        await all_of_it.say(*[clicked(*option) for option in options])
        await until(lambda: sum(1 for _ in catalogue.engaged()) == len(options), "the clicks")
        await asyncio.to_thread(all_of_it.curating.release, "engaged")
        await curator_handlers.announce(all_of_it.curating, all_of_it.publish)
        await until(lambda: "oak table" in all_of_it.generate.liked.styles, "the style")
        await until(lambda: not painter.name.endswith("@base"), "the better model")
        after = await all_of_it.asked("after")
        await all_of_it.say(
            BackgroundRequested(product_id=PRODUCTS[0], request_id=f"{RUN}-empty", scene=Scene(count=1))
        )
        await until(lambda: blobs.find(manifest_key(f"{RUN}-empty")) is not None, "the options of an empty scene")
    (empty,) = [one for one in all_of_it.made() if one.request_id == f"{RUN}-empty"]
    assert empty.images[0].prompt == IDEAS[0].prompt, "what people like is painted where nothing is asked for"
    (revision,) = {one.revision for one in ModelRegistry(blobs).promotions(MODEL)}
    assert after.images[0].model == painter.name == f"{MODEL}@{revision}" != before.images[0].model
    assert after.images[0].image.sha256 != before.images[0].image.sha256
