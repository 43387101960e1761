"""Wiring only. Run: faststream run services.curator.app:create_app --factory"""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.curator import handlers, rules
from services.curator.core import CurateSamples, Embeds, ReadsWords, RecordReview, WithdrawProduct
from services.curator.curator import Curator
from services.curator.datasets.contents import MemberReader
from services.curator.datasets.packing import Hands, Supplies
from services.curator.datasets.rebuild import RebuildDataset
from services.curator.datasets.release import DatasetName, ReleaseDatasets
from services.curator.datasets.selection import Liked
from services.curator.engagement import RecordEngagement
from services.curator.measures import Measures
from services.curator.migrations import trouble, upgrade
from services.curator.policy import TrainingPolicy
from services.curator.settings import CuratorSettings, RuleSettings
from services.curator.store.catalogue import SqlCatalogue
from services.curator.taste.empty_scenes import EmptyScenes
from services.curator.taste.style_book import StyleBook
from services.curator.taste.styles import MineStyles
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BadRequest
from shared.database.sessions import open_engine
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings, MinioSettings, TracingSettings, read_settings
from shared.runtime.telemetry.watching import NOT_WATCHED, Watching


def assemble(settings: CuratorSettings, blobs: BlobStore, watch: Watching = NOT_WATCHED) -> Curator:
    """The service over its database. SQLite is migrated here; PostgreSQL is by whoever deploys."""
    if settings.database.startswith("sqlite"):
        upgrade(settings.database)
    novelty = rules.Novelty(
        max_distance=settings.max_distance, same_cosine=settings.same_cosine, other_cosine=settings.other_cosine
    )
    catalogue = SqlCatalogue(open_engine(settings.database), novelty=novelty)
    metadata_rules, pixel_rules = _metadata_rules(settings), _pixel_rules(settings)
    return Curator(
        catalogue=catalogue,
        curate=CurateSamples(
            catalogue=catalogue,
            blobs=blobs,
            metadata_rules=metadata_rules,
            pixel_rules=pixel_rules,
            reads=_reader() if settings.read_words else None,
            embeds=_embedder(settings.embedder) if settings.embedder else None,
        ),
        engage=RecordEngagement(catalogue, blobs),
        review=RecordReview(catalogue),
        withdraw=WithdrawProduct(catalogue, blobs),
        releases=ReleaseDatasets(
            catalogue=catalogue,
            blobs=blobs,
            liked=_liked(settings),
            rules=(*metadata_rules, *pixel_rules, novelty),
            every=settings.release_every,
            side=settings.sample_side,
        ),
        book=StyleBook(EmptyScenes(blobs)),
        journey=watch.journey,
        mine=MineStyles(min_pictures=settings.min_style_pictures, min_lift=settings.min_style_lift),
        policy=TrainingPolicy(
            train=frozenset(settings.train), model=settings.model, judge=settings.judge, steps=settings.steps
        ),
    )


def _reader() -> ReadsWords:
    with _extra("CURATOR_READ_WORDS", "ocr"):
        from services.curator.model.reading import WordReader
    return WordReader()


def _embedder(folder: Path) -> Embeds:
    with _extra("CURATOR_EMBEDDER", "embedding"):
        from services.curator.model.embedder import ImageEmbedder
    return ImageEmbedder(folder)


@contextlib.contextmanager
def _extra(wish: str, extra: str) -> Iterator[None]:
    """An import that few installations need, for a setting or an option of the command line."""
    try:
        yield
    except ModuleNotFoundError as error:
        words = f"{wish} wants {error.name}: pip install 'backdrop[{extra}]'"
        raise BadRequest("not_installed", words) from error


def _liked(settings: CuratorSettings) -> Liked:
    names = (
        "min_impressions", "top_share", "promoted_only", "half_life_days", "category_share", "merchant_share",
    )  # fmt: skip
    return Liked(**settings.model_dump(include=set(names)))


def _metadata_rules(settings: RuleSettings) -> tuple[rules.MetadataRule, ...]:
    mask = rules.TrustedMask(
        min_confidence=settings.min_confidence,
        min_area=settings.min_area,
        max_area=settings.max_area,
        max_sides=settings.max_sides,
    )
    dialled: dict[type, rules.MetadataRule] = {
        rules.TrustedMask: mask,
        rules.Described: rules.Described(min_words=settings.min_words),
    }
    return tuple(dialled.get(type(rule), rule) for rule in rules.METADATA_RULES)


def _pixel_rules(settings: RuleSettings) -> tuple[rules.PixelRule, ...]:
    exposure = rules.Exposure(
        min_brightness=settings.min_brightness,
        max_brightness=settings.max_brightness,
        min_contrast=settings.min_contrast,
    )
    dialled: dict[type, rules.PixelRule] = {
        rules.Resolution: rules.Resolution(min_side=settings.min_side),
        rules.Sharpness: rules.Sharpness(min_variance=settings.min_sharpness),
        rules.Exposure: exposure,
        rules.TextOverlay: rules.TextOverlay(max_share=settings.max_text),
        rules.WordsOverlay: rules.WordsOverlay(max_share=settings.max_words),
        rules.OnePicture: rules.OnePicture(max_dividers=settings.max_dividers),
        rules.OneProduct: rules.OneProduct(max_parts=settings.max_parts),
    }
    return tuple(dialled[type(rule)] for rule in rules.PIXEL_RULES)


def _no_photo_is_judged() -> CuratorSettings:
    """Those of the environment, without the models that look at new photos: loading them would be for nothing."""
    return CuratorSettings(read_words=False, embedder=None)


Engine = Literal["here", "ray"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


def release_now(dataset: DatasetName, *, on: Engine = "here", address: str | None = None) -> str:
    """Release a dataset on demand, over the servers of the environment; says in words what came of it.

    `on`: who packs it, this process or those of a Ray cluster at an address. Raises BadRequest without Ray.
    """
    curator = assemble(_no_photo_is_judged(), MinioBlobs(MinioSettings()))
    with _hands(on, address, curator.releases.side) as hands:
        release = replace(curator, releases=replace(curator.releases, hands=hands)).release(dataset)
    if release is None:
        return f"nothing to release: `{dataset}` has no samples yet"
    return f"{dataset} {release.version}: {release.samples} samples, {release.manifest.key}"


@contextlib.contextmanager
def _hands(on: Engine, address: str | None, side: int) -> Iterator[Hands | None]:
    if on == "here":
        yield None
        return
    with _extra("--on ray", "ray"):
        from services.curator.datasets.on_ray import RayHands
    with RayHands(functools.partial(supplies, side), address=address) as hands:
        yield hands


def supplies(side: int) -> Supplies:
    """What a process needs to make members, over the servers of its own environment: no password travels."""
    book = SqlCatalogue(open_engine(CuratorSettings().database))
    return Supplies(book, MemberReader(blobs=MinioBlobs(MinioSettings()), side=side))


def rebuild_now(dataset: str, version: str, *, write: bool = True) -> Iterator[str]:
    """Make a released version again, over the servers of the environment; says in words what came of each shard."""
    curator = assemble(_no_photo_is_judged(), blobs := MinioBlobs(MinioSettings()))
    for shard in RebuildDataset(catalogue=curator.catalogue, blobs=blobs)(dataset, version, write=write):
        done = "written" if write and shard.found != "as it was" else "not written"
        yield f"{shard.path} comes out as the manifest has it; found {shard.found}, {done}"


def create_app() -> AsgiFastStream:
    """The service: handlers judge and remember, a task beside them releases."""
    settings, registry = read_settings(CuratorSettings), CollectorRegistry()
    kafka, tracing = read_settings(KafkaSettings), read_settings(TracingSettings)
    broker = make_broker(kafka, service="curator", registry=registry, tracing=tracing)
    blobs = MinioBlobs(read_settings(MinioSettings))
    curator = assemble(settings, broker.watch.blobs(blobs), broker.watch)
    publish = handlers.subscribe(broker, curator, heard=Measures(registry).heard)

    @contextlib.asynccontextmanager
    async def releasing() -> AsyncIterator[None]:
        task = asyncio.create_task(handlers.release_when_due(curator, publish, every_s=settings.release_check_s))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    ready = {
        "blobs": blobs.trouble,
        "catalogue": SqlCatalogue(open_engine(settings.database)).trouble,
        "tables": lambda: trouble(settings.database),
    }
    return make_service(broker, registry=registry, service="curator", ready=ready, background=releasing)
