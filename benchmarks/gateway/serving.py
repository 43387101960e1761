"""The serving process: the gateway over SQLite and the broker in memory, a stage that has something to tell, and bare
routes on a second port of the same event loop."""

import asyncio
import hmac
import itertools
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from benchmarks.served import served
from services.gateway.app import Parts, assemble
from services.gateway.callers.keys import make_key
from services.gateway.callers.tenants import DEFAULT
from services.gateway.doors.api import make_api
from services.gateway.settings import GatewaySettings
from services.gateway.shapes.asks import SceneAsk
from services.gateway.shapes.replies import BackgroundReply, Paged, ProductReply
from shared.contracts import events as e
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.topics import topic_of
from shared.runtime.broker import Broker, make_broker
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.memory.broker import memory_broker
from shared.runtime.service import calm_collector
from shared.runtime.settings import KafkaSettings

PRODUCTS = 200
SECRET = "s" * 40
PAGE = 50


@dataclass(frozen=True)
class Served:
    """Where both applications are, and the key that opens them."""

    gateway: int
    bare: int
    key: str


@dataclass(frozen=True)
class Ready:
    """What the bare routes answer: the gateway's own replies, made before anybody asks."""

    product: ProductReply
    products: Paged[ProductReply]
    background: BackgroundReply
    asked: BackgroundReply


def process(told: Connection, events_a_s: float) -> None:
    """Serve until the process is ended; `told` hears where."""
    asyncio.run(_serve(told, events_a_s))


async def _serve(told: Connection, events_a_s: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        broker = make_broker(KafkaSettings(), service="gateway", registry=CollectorRegistry())
        parts = assemble(_settings(folder), broker, FolderBlobs(Path(folder), "backdrop"))
        key = _key(parts)
        async with memory_broker(broker) as log, parts.beside():
            for number in range(PRODUCTS):
                await _publish(broker, *story(number))
            await log.settled(300)
            api, bare = make_api(parts.gateway, parts.access), bare_app(key, _ready(parts))
            async with served(api) as gateway_port, served(bare) as bare_port:
                told.send(Served(gateway_port, bare_port, key))
                calm_collector()
                for number in itertools.count(PRODUCTS):
                    await _publish(broker, *story(number))
                    await asyncio.sleep(2.0 / events_a_s)


def bare_app(key: str, ready: Ready) -> FastAPI:
    """Routes as FastAPI's own pages show them: a key in the header, a body that is read and checked by its type, an
    answer that lies ready, and is checked and written by its type. No database, no thread, no middleware."""

    async def known(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
        if not hmac.compare_digest(given.credentials, key):
            raise HTTPException(401)

    app = FastAPI(dependencies=[Depends(known)])

    @app.get("/")
    async def nothing() -> dict[str, str]:
        return {}

    @app.get("/v1/products/{product_id}")
    async def product(product_id: str) -> ProductReply:
        return ready.product

    @app.get("/v1/products")
    async def products(limit: int = PAGE, cursor: str | None = None) -> Paged[ProductReply]:
        return ready.products

    @app.get("/v1/products/{product_id}/backgrounds/{request_id}")
    async def background(product_id: str, request_id: str) -> BackgroundReply:
        return ready.background

    @app.post("/v1/products/{product_id}/backgrounds", status_code=202)
    async def ask(product_id: str, ask: SceneAsk) -> BackgroundReply:
        return ready.asked

    return app


def story(number: int) -> list[e.Event]:
    """What the services say of one product and its one request."""
    name, facts = f"p{number}", e.ProductFacts(title=f"Product {number}")
    found = e.Segmentation(mask=ref(f"m{number}"), confidence=0.9, segmenter="s")
    caption = e.Caption(product_short="p", product_long="p", background_short="b", background_long="b", captioner="c")
    scores = e.Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
    options = tuple(
        e.GeneratedImage(image=ref(f"o{number}-{n}"), seed=n, prompt="on oak", scores=scores, model="mini@1")
        for n in range(4)
    )
    captioned = e.ProductCaptioned(
        product_id=name, image=ref(name), facts=facts, segmentation=found, caption=caption, revision=1
    )
    generated = e.BackgroundGenerated(
        product_id=name,
        request_id=f"r{number}",
        scene=e.Scene(),
        photo=ref(name),
        mask=ref(f"m{number}"),
        images=options,
    )
    return [captioned, generated]


def ref(name: str) -> BlobRef:
    """Stored bytes that nobody reads here."""
    return BlobRef(bucket="backdrop", key=f"images/{name}.png", sha256=digest(name.encode()), size=1)


async def _publish(broker: Broker, *events: e.Event) -> None:
    """As the services do."""
    for event in events:
        await broker.publish(event, topic_of(event).name, key=event.key.encode())


def _settings(folder: str) -> GatewaySettings:
    return GatewaySettings(
        database=f"sqlite:///{folder}/gateway.sqlite", secret=SecretStr(SECRET), rate=1e6, burst=10**6
    )


def _key(parts: Parts) -> str:
    now = datetime.now(UTC)
    kept, words = make_key(tenant=DEFAULT, name="load", scopes=["submit", "read"], pepper=SECRET, now=now)
    parts.store.put_key(kept)
    return words


def _ready(parts: Parts) -> Ready:
    store, views = parts.store, parts.gateway.views
    product, background = store.product(DEFAULT, "p7"), store.background("p7", "r7")
    assert product is not None and background is not None
    page = store.products(DEFAULT, limit=PAGE, cursor=None, stage=None, title=None)
    items = tuple(views.product(one) for one in page.items)
    asked = background.model_copy(update={"generated": None, "answered": None, "status": "requested"})
    return Ready(
        product=views.product(product),
        products=Paged[ProductReply](items=items, next_cursor=page.next_cursor),
        background=views.background(background),
        asked=views.background(asked),
    )
