"""What people like, on real Kafka, MinIO and PostgreSQL: clicks on options become a style, and it is painted."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from services.curator import app as curator
from services.curator import handlers as curator_handlers
from services.curator.migrations import upgrade
from services.curator.settings import CuratorSettings
from services.inpainter import handlers as inpainter_handlers
from services.inpainter.adoption import AdoptModel, Ours
from services.inpainter.candidates import GenerateCandidates
from services.inpainter.core import LearnStyle, PaintBackgrounds
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
from tests.fakes.painter import FakeInpainter, FixedAdherence, FixedJudge
from tests.unit.services.inpainter.conftest import PLATES, mug, picture_of

pytestmark = pytest.mark.connected

RUN = uuid.uuid4().hex[:8]
NOW = datetime.now(UTC)
IDEAS = (SceneIdea(prompt="on an oak table, brick wall"), SceneIdea(prompt="on golden sand, sea behind"))


def captioned(blobs: BlobStore, number: int) -> ProductCaptioned:
    """A promoted packshot whose owner consents, with two ideas and one empty scene of two options."""
    photo, mask = mug()
    photo[0, 0] = number
    data, outline = encode_image(photo), encode_image(mask)
    image = blobs.put(image_key(digest(data), "png"), data, "image/png")
    image = image.model_copy(update={"width": photo.shape[1], "height": photo.shape[0]})
    mask_ref = blobs.put(mask_key(image.sha256, "drawn", digest(outline)), outline, "image/png")
    return ProductCaptioned(
        product_id=f"{RUN}-{number}",
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


def inpainting(broker: Broker, blobs: BlobStore) -> GenerateCandidates:
    """The service over a painter that paints nothing."""
    painter = FakeInpainter()
    generate = GenerateCandidates(
        painter=painter,
        judge=FixedJudge(),
        adherence=FixedAdherence(),
        blobs=blobs,
        fetcher=FakeImageFetcher(),
        plates=PLATES,
        picture_of=picture_of,
    )
    adopt = AdoptModel(painter, FixedJudge(), blobs, Ours(model="mini-inpainter", base="b", judge="mini-judge"))
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
    """Poll a condition for a minute."""
    for _ in range(300):
        if await asyncio.to_thread(met):  # type: ignore[arg-type]
            return
        await asyncio.sleep(0.2)
    pytest.fail(f"{what} did not come")


async def test_clicks_on_options_become_a_style_that_is_painted(
    kafka_settings: KafkaSettings, minio_settings: MinioSettings, postgres_dsn: str
) -> None:
    upgrade(postgres_dsn)
    blobs = MinioBlobs(minio_settings)
    brokers = {
        name: make_broker(kafka_settings, service=name, registry=CollectorRegistry())
        for name in ("curator", "inpainter")
    }
    curating = curator.assemble(CuratorSettings(database=postgres_dsn, train=(), release_every=1), blobs)
    publish = curator_handlers.subscribe(brokers["curator"], curating)
    generate = inpainting(brokers["inpainter"], blobs)

    async def say(*events: Event) -> None:
        for event in events:
            await brokers["curator"].publish(event, topic_of(event).name, key=event.key.encode())

    def made() -> list[BackgroundGenerated]:
        keys = [key for key in blobs.keys("backgrounds/") if key.endswith("manifest.json")]
        found = (RequestManifest.model_validate_json(blobs.get(key)).generated for key in keys)
        return [one for one in found if one is not None and one.product_id.startswith(RUN)]

    async with brokers["curator"], brokers["inpainter"]:
        for broker in brokers.values():
            await broker.start()
        await say(*[await asyncio.to_thread(captioned, blobs, number) for number in range(8)])
        await until(lambda: len(made()) == 8, "the options")
        await until(lambda: sum(curating.catalogue.reasons().values()) >= 8, "the verdicts")
        await say(*[clicked(one, image) for one in made() for image in one.images])
        await until(lambda: sum(1 for one in curating.catalogue.engaged() if RUN in one.product_id) == 16, "the clicks")
        await asyncio.to_thread(curating.release, "engaged")
        await curator_handlers.announce(curating, publish)
        await until(lambda: "oak table" in generate.liked.styles, "the style")
        await say(BackgroundRequested(product_id=f"{RUN}-0", request_id=f"{RUN}-again", scene=Scene(count=1)))
        await until(lambda: blobs.find(manifest_key(f"{RUN}-again")) is not None, "the picture")
        (again,) = [one for one in made() if one.request_id == f"{RUN}-again"]
    assert again.images[0].prompt == IDEAS[0].prompt
