"""Wiring only. Run: uvicorn services.gateway.app:create_app --factory"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.gateway import handlers
from services.gateway.callers.allowances import Allowances
from services.gateway.callers.limits import RateLimits
from services.gateway.core import CorrectMask, SubmitProduct, Uploads
from services.gateway.doors.api import Lifespan, make_api
from services.gateway.doors.entry.access import Access
from services.gateway.gateway import Gateway, Lag, Quotas, Replay, now
from services.gateway.heard.feed import Feed
from services.gateway.heard.rebuilding import HEARD, rebuild, take_in
from services.gateway.migrations import upgrade
from services.gateway.outliving import Outlived
from services.gateway.pictures.clicking import SmallPhotos
from services.gateway.pictures.links import SignedLinks
from services.gateway.pictures.picture_work import PictureWork
from services.gateway.pictures.refining import HttpRefiner
from services.gateway.pictures.samples import SampleShelf
from services.gateway.pictures.thumbnails import Thumbnails
from services.gateway.ports import MaskRefiner
from services.gateway.probes import probed
from services.gateway.records import DeadLetter
from services.gateway.settings import GatewaySettings
from services.gateway.shapes.views import Views
from services.gateway.store.database import SqlGateway
from services.gateway.styles import StyleShelf
from services.gateway.webhooks.delivering import DeliverWebhooks, DeliverySchedule
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BadRequest, DependencyDown
from shared.database.sessions import open_engine
from shared.runtime.broker import Broker, make_broker
from shared.runtime.history import history
from shared.runtime.lags import lags
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.records import Headers, without_death
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings, MinioSettings, TracingSettings, read_settings
from shared.runtime.web.fetching import GuardedFetcher
from shared.runtime.web.sending import GuardedSender

log = logging.getLogger("gateway")

LEAST_SECRET = 32
PRUNE_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The gateway in its parts: what answers, what knows, and what runs beside."""

    gateway: Gateway
    access: Access
    store: SqlGateway
    deliver: DeliverWebhooks
    log_days: int

    @contextlib.asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Tell pages, deliver webhooks and prune the log, until the end of the block."""
        tasks = [asyncio.create_task(work) for work in (self.gateway.feed.run(), self.deliver.run(), self._pruning())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pruning(self) -> None:
        while True:
            with Outlived(log, "old lines of the log stay for now"):
                await asyncio.to_thread(self.store.prune, now() - timedelta(days=self.log_days))
            await asyncio.sleep(PRUNE_S)


def assemble(
    settings: GatewaySettings,
    broker: Broker,
    blobs: BlobStore,
    *,
    refiner: MaskRefiner | None = None,
    lag: Lag | None = None,
) -> Parts:
    """The service on a broker, over its database. SQLite is migrated here; PostgreSQL is by whoever deploys."""
    secret, store = checked_secret(settings), _migrated(settings)
    feed = Feed(store, poll_s=settings.poll_s, most=settings.pages)
    uploads, links, targets = Uploads(blobs), SignedLinks(secret, settings.link_s), _targets(settings)
    gateway = Gateway(
        projection=store,
        announce=handlers.subscribe(broker, store, feed.wake),
        blobs=blobs,
        submit=SubmitProduct(uploads),
        masks=CorrectMask(uploads, SmallPhotos(blobs), refiner),
        answers=store,
        allowances=Allowances(store),
        work=PictureWork(settings.pictures_at_once),
        quotas=_quotas(settings),
        links=links,
        views=Views(links),
        feed=feed,
        styles=StyleShelf(settings.plates, store.mined_styles, links),
        samples=SampleShelf(settings.samples),
        thumbnails=Thumbnails(blobs),
        webhooks=store,
        targets=targets,
        lag=lag or _unknown_lag,
        replay=_replayer(broker),
        page=settings.page,
    )
    access, deliver = _access(settings, store, secret), _deliveries(settings, store, targets)
    return Parts(gateway=gateway, access=access, store=store, deliver=deliver, log_days=settings.log_days)


def _migrated(settings: GatewaySettings) -> SqlGateway:
    if settings.database.startswith("sqlite"):
        upgrade(settings.database)
    return SqlGateway(open_engine(settings.database))


def _access(settings: GatewaySettings, store: SqlGateway, secret: str) -> Access:
    return Access(
        keys=store,
        pepper=secret,
        sessions=store,
        limits=RateLimits(settings.rate, settings.burst),
        hosts=frozenset(settings.hosts),
        single_user=settings.single_user,
    )


def _targets(settings: GatewaySettings) -> GuardedSender:
    hosts, timeout_s = settings.webhook_private_hosts, settings.webhook_timeout_s
    return GuardedSender(GuardedFetcher(private_hosts=hosts, timeout_s=timeout_s))


def _deliveries(settings: GatewaySettings, store: SqlGateway, targets: GuardedSender) -> DeliverWebhooks:
    patience = DeliverySchedule(
        tries=settings.webhook_tries, first_s=settings.webhook_first_s, cap_s=settings.webhook_cap_s
    )
    return DeliverWebhooks(book=store, targets=targets, patience=patience)


def _quotas(settings: GatewaySettings) -> Quotas:
    return Quotas(
        products=settings.products_a_day,
        pictures=settings.pictures_a_day,
        uploads=settings.uploads_a_day,
        webhooks=settings.webhooks,
    )


def checked_secret(settings: GatewaySettings) -> str:
    """The secret. Raises BadRequest for one that can be guessed."""
    secret = settings.secret.get_secret_value()
    if len(secret) < LEAST_SECRET:
        words = f"GATEWAY_SECRET has {len(secret)} characters and needs {LEAST_SECRET}: openssl rand -hex 32"
        raise BadRequest("secret_too_short", words)
    return secret


def create_app() -> FastAPI:
    """The gateway as a process of its own: its doors, and behind them the consumers of every other service's kind."""
    settings, registry = read_settings(GatewaySettings), CollectorRegistry()
    kafka, tracing = read_settings(KafkaSettings), read_settings(TracingSettings)
    broker = make_broker(kafka, service="gateway", registry=registry, tracing=tracing)
    blobs = MinioBlobs(read_settings(MinioSettings))
    refiner = HttpRefiner(settings.refiner) if settings.refiner else None
    parts = assemble(settings, broker, broker.watch.blobs(blobs), refiner=refiner, lag=partial(lags, kafka))
    ready: Mapping[str, Callable[[], str | None]] = {"blobs": blobs.trouble, "projection": parts.store.trouble}
    service = make_service(broker, registry=registry, service="gateway", ready=ready, background=parts.beside)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with probed(service, settings.probe_host, settings.probe_port), service.start_lifespan_context():
            yield

    return api_of(parts, settings, lifespan=lifespan)


def api_of(parts: Parts, settings: GatewaySettings, *, lifespan: Lifespan | None = None) -> FastAPI:
    """All doors of these parts."""
    return make_api(
        parts.gateway, parts.access, upload_mb=settings.upload_mb, bodies_mb=settings.bodies_mb, lifespan=lifespan
    )


def open_store() -> tuple[SqlGateway, str]:
    """The database of the environment's gateway, and its pepper; for the command line."""
    settings = read_settings(GatewaySettings)
    secret = checked_secret(settings)
    return _migrated(settings), secret


def rebuild_now() -> int:
    """Fill the environment's projection anew from its Kafka; how many events were taken in."""
    kafka, store = read_settings(KafkaSettings), open_store()[0]
    since = now() - timedelta(days=read_settings(GatewaySettings).log_days)
    records = asyncio.run(history(kafka, HEARD, service="gateway"))
    taken = rebuild(store, records, since=since)
    later = asyncio.run(history(kafka, HEARD, service="gateway", behind=records))  # it may be heard before we forgot
    return taken + take_in(store, later, since=since)


async def _unknown_lag() -> Mapping[tuple[str, str], int]:
    raise DependencyDown("lag_unknown", "nobody counts here how far services are behind")


def _replayer(broker: Broker) -> Replay:
    async def replay(letter: DeadLetter) -> None:
        headers: Headers = [
            (name, None if value is None else value.encode("latin-1")) for name, value in letter.headers
        ]
        headers = without_death(headers, letter.place)
        await broker.letters.copy(letter.topic, key=letter.raw_key, value=letter.value, headers=headers)

    return replay
