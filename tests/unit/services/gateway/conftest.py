"""A gateway on a broker in memory, with a clock of its own products and a client at its doors."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.gateway.app import Parts, api_of, assemble
from services.gateway.callers.keys import Scope, make_key
from services.gateway.migrations import upgrade
from services.gateway.settings import GatewaySettings
from shared.contracts import events as e
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.images import encode_image
from shared.contracts.topics import topic_of
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes.blobs import MemoryBlobs

SECRET = "a secret of the tests, forty characters.."
ORIGIN = "http://localhost"


def photo(side: int = 64, shade: int = 200) -> bytes:
    """A PNG with a dark square in its middle."""
    rgb = np.full((side, side, 3), shade, np.uint8)
    rgb[side // 4 : -side // 4, side // 4 : -side // 4] = 40
    return encode_image(rgb)


def mask(side: int = 64) -> bytes:
    """Its mask."""
    grey = np.zeros((side, side), np.uint8)
    grey[side // 4 : -side // 4, side // 4 : -side // 4] = 255
    return encode_image(grey)


@dataclass
class House:
    """The gateway under test, and what the other services would say."""

    app: FastAPI
    parts: Parts
    broker: Broker
    log: MemoryLog
    blobs: MemoryBlobs
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(
        self, *scopes: Scope, tenant: str = "default", peer: str = "127.0.0.1", **headers: str
    ) -> httpx.AsyncClient:
        """A client with a key of these scopes; without any it has none. `peer`: where its connection comes from."""
        if scopes:
            made, words = make_key(tenant=tenant, name="test", scopes=scopes, pepper=SECRET, now=datetime.now(UTC))
            self.parts.store.put_key(made)
            headers["Authorization"] = f"Bearer {words}"
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=(peer, 123))
        made_client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        self.clients.append(made_client)
        return made_client

    async def say(self, *events: e.Event) -> None:
        """Publish as another service does, and wait until it was heard."""
        for event in events:
            await self.broker.publish(event, topic_of(event).name, key=event.key.encode())
        await self.log.settled()

    def put(self, key: str, data: bytes, side: int = 64) -> BlobRef:
        """Stored bytes as events name them."""
        return self.blobs.put(key, data, "image/png").model_copy(update={"width": side, "height": side})

    def segmented(self, product_id: str, **given: Any) -> e.ProductSegmented:
        """What the segmenter says of a photo."""
        image, cut = photo(), mask()
        found: dict[str, Any] = {
            "mask": self.put(f"masks/{digest(image)}/x.png", cut),
            "confidence": 0.9,
            "segmenter": "sam-1",
            "box": e.Box(x=16, y=16, width=32, height=32),
            "area": 0.25,
        }
        known: dict[str, Any] = {"facts": e.ProductFacts(title="Mug"), "revision": 10, "scenes": ()}
        return e.ProductSegmented(
            product_id=product_id,
            image=self.put(f"images/{digest(image)}.png", image),
            segmentation=e.Segmentation(**(found | given.pop("segmentation", {}))),
            **(known | given),
        )

    def captioned(self, product_id: str, **given: Any) -> e.ProductCaptioned:
        """What the captioner says of it."""
        before = self.segmented(product_id, **given)
        caption = e.Caption(
            product_short="a mug",
            product_long="a white mug",
            background_short="white",
            background_long="plain white",
            ideas=(e.SceneIdea(prompt="on an oak table"),),
            captioner="blip-1",
        )
        return e.ProductCaptioned(**before.__dict__, caption=caption)

    def generated(self, product_id: str, request_id: str, options: int = 2, **given: Any) -> e.BackgroundGenerated:
        """What the inpainter says of a request."""
        scores = e.Scores(expansion=0.0, shrinkage=0.0, seam=0.1, adherence=0.9, judge=0.8)
        images = tuple(
            e.GeneratedImage(
                image=self.put(f"backgrounds/{request_id}/{number}.png", photo(shade=100 + number)),
                seed=number,
                prompt="a mug on an oak table",
                scores=scores,
                plate="oak-1",
                strength=0.4,
                model="mini@1",
            )
            for number in range(options)
        )
        found = self.segmented(product_id)
        assert found.segmentation.mask is not None
        known: dict[str, Any] = {"scene": e.Scene(), "notes": ("`blorb` was not understood",)}
        return e.BackgroundGenerated(
            product_id=product_id,
            request_id=request_id,
            photo=found.image,
            mask=found.segmentation.mask,
            images=images,
            **(known | given),
        )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once."""
    file = tmp_path_factory.mktemp("gateway") / "gateway.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
async def house(tmp_path: Path, migrated: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A running gateway; `@pytest.mark.parametrize("house", [{…}], indirect=True)` changes its settings."""
    given: dict[str, Any] = getattr(request, "param", {})
    refiner = given.pop("refiner", None) if given else None
    plates = tmp_path / "plates"
    plates.mkdir()
    shutil.copy(migrated, tmp_path / "gateway.sqlite")
    settings = GatewaySettings(
        **{
            "database": f"sqlite:///{tmp_path / 'gateway.sqlite'}",
            "secret": SECRET,
            "plates": plates,
            "poll_s": 0.05,
            **given,
        }
    )
    broker = make_broker(KafkaSettings(), service="gateway", registry=CollectorRegistry())
    blobs = MemoryBlobs()
    parts = assemble(settings, broker, blobs, refiner=refiner)
    app = api_of(parts, settings)
    async with memory_broker(broker) as log, parts.beside():
        house = House(app, parts, broker, log, blobs)
        yield house
        for client in house.clients:
            await client.aclose()
