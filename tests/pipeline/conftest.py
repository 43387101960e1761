"""All five services over one log in memory, with models that take no time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from prometheus_client import CollectorRegistry

from services.captioner import handlers as captioner
from services.captioner.core import CaptionProduct
from services.curator import handlers as curator
from services.curator.core import CurateSamples, RecordReview, WithdrawProduct
from services.curator.curator import Curator
from services.curator.datasets.release import ReleaseDatasets
from services.curator.engagement import RecordEngagement
from services.curator.policy import TrainingPolicy
from services.curator.taste.empty_scenes import EmptyScenes
from services.curator.taste.style_book import StyleBook
from services.inpainter import handlers as inpainter
from services.inpainter.adoption import AdoptModel, Ours
from services.inpainter.candidates import GenerateCandidates
from services.inpainter.choosing import GenerationSettings
from services.inpainter.core import LearnStyle, PaintBackgrounds
from services.segmenter import handlers as segmenter
from services.segmenter.core import SegmentProduct
from services.segmenter.finding import Segmenter
from services.trainer import app as trainer
from services.trainer import handlers as trainer_handlers
from services.trainer.core import Trainer
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.events import Event
from shared.contracts.images import Pixels
from shared.contracts.styles import Plate
from shared.contracts.topics import TOPICS, topic_of
from shared.runtime.broker import Broker
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.tracing import NoSpans, Spans
from shared.runtime.telemetry.watching import Watching
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.painter import FakeInpainter, FixedAdherence, FixedJudge
from tests.fakes.plates import MARBLE, picture_of
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.trainer import FakeTrainer
from tests.fakes.vision_language_model import ScriptedVisionLanguageModel

E = TypeVar("E", bound=Event)
Shelf = tuple[tuple[Plate, ...], Callable[[Plate], Pixels]]  # plates, and where their pictures are

NAMES = ("segmenter", "captioner", "curator", "trainer", "inpainter", "client")
TOPIC_OF: dict[type[Event], str] = {topic.event: topic.name for topic in TOPICS}
IMPATIENT = KafkaSettings(tries=2, try_delay_s=0.01, retry_delays_s=(), not_yet_delays_s=(0.05, 0.05))


@dataclass
class Works:
    """The running whole, and how a test talks to it."""

    blobs: BlobStore
    log: MemoryLog
    client: Broker
    painter: FakeInpainter
    catalogue: MemoryCatalogue
    release: Callable[[], Awaitable[None]]

    async def say(self, *events: Event) -> None:
        """Publish, and wait until nothing moves."""
        for event in events:
            await self.client.publish(event, topic=topic_of(event).name)
        await self.log.settled()

    def said(self, kind: type[E]) -> list[E]:
        """What was announced, oldest first."""
        return self.log.events(TOPIC_OF[kind], kind)

    async def until(self, kind: type[E]) -> E:
        """The first event of a kind, however long its worker takes (the test's own timeout ends it)."""
        while not self.said(kind):
            await asyncio.sleep(0.01)
        return self.said(kind)[0]


@pytest.fixture
async def works(tmp_path: Path) -> AsyncIterator[Works]:
    """Five services and a client, running."""
    async with running_works(tmp_path, MemoryBlobs()) as works:
        yield works


@contextlib.asynccontextmanager
async def running_works(
    folder: Path,
    blobs: BlobStore,
    *,
    segmenter_model: Segmenter | None = None,
    trainer_model: Trainer | None = None,
    web: FakeImageFetcher | None = None,
    spans: Callable[[str], Spans] = lambda _: NoSpans(),
    plates: Shelf | None = None,
    log: MemoryLog | None = None,
    patience: KafkaSettings = IMPATIENT,
    scan_s: float = 0.01,
) -> AsyncIterator[Works]:
    """Five services over these blobs, with the given parts in place of the usual fakes; `spans` for each by name."""
    painter, catalogue = FakeInpainter(), MemoryCatalogue()
    brokers = {n: Broker(patience, service=n, registry=CollectorRegistry(), spans=spans(n)) for n in NAMES}
    _segment(brokers["segmenter"], blobs, segmenter_model or FakeSegmenter(), web or FakeImageFetcher())
    _caption(brokers["captioner"], blobs)
    _paint(brokers["inpainter"], blobs, painter, plates or ((MARBLE,), picture_of), folder)
    release = _curate(brokers["curator"], blobs, catalogue)
    work = _train(brokers["trainer"], blobs, trainer_model or FakeTrainer(), folder, scan_s)
    async with memory_broker(*brokers.values(), log=log) as log:
        worker = asyncio.create_task(work())
        try:
            yield Works(blobs, log, brokers["client"], painter, catalogue, release)
        finally:
            worker.cancel()
            await asyncio.wait({worker}, timeout=1.0)


def _segment(broker: Broker, blobs: BlobStore, model: Segmenter, web: FakeImageFetcher) -> None:
    watch = broker.watch
    watched = watch.model(model, "segmenter", "candidates"), watch.fetcher(web, "fetch"), watch.blobs(blobs)
    segmenter.subscribe(broker, SegmentProduct(*watched))


def _caption(broker: Broker, blobs: BlobStore) -> None:
    looking = broker.watch.model(ScriptedVisionLanguageModel(), "captioner", "answer")
    captioner.subscribe(broker, CaptionProduct(model=looking, blobs=broker.watch.blobs(blobs)))


def _paint(broker: Broker, blobs: BlobStore, painter: FakeInpainter, shelf: Shelf, folder: Path) -> None:
    stored = broker.watch.blobs(blobs)
    generate = _generate(broker.watch.model(painter, "painter", "paint"), stored, shelf)
    ours = Ours(model="mini-inpainter", base=str(folder / "models" / "mini-inpainter"), judge="mini-judge")
    adopt = AdoptModel(painter, FixedJudge(), stored, ours)
    inpainter.subscribe(broker, PaintBackgrounds(generate, stored), adopt, LearnStyle(generate))


def _curate(broker: Broker, blobs: BlobStore, catalogue: MemoryCatalogue) -> Callable[[], Awaitable[None]]:
    curating = _curating(catalogue, broker.watch.blobs(blobs), broker.watch)
    publish = curator.subscribe(broker, curating)

    async def release() -> None:
        await asyncio.to_thread(curating.release, "product")
        await curator.announce(curating, publish)

    return release


def _train(
    broker: Broker, blobs: BlobStore, model: Trainer, folder: Path, scan_s: float
) -> Callable[[], Coroutine[Any, Any, None]]:
    (folder / "models" / "mini-inpainter").mkdir(parents=True, exist_ok=True)
    settings = TrainerSettings(work=folder / "work", models=folder / "models")
    training = trainer.assemble(settings, broker.watch.blobs(blobs), {"product": model}, broker.watch)
    publish = trainer_handlers.subscribe(broker, training.accept, training.roll_back)
    return lambda: trainer_handlers.work(training.jobs, publish, every_s=scan_s)


def _generate(painter: FakeInpainter, blobs: BlobStore, shelf: Shelf) -> GenerateCandidates:
    plates, picture_of = shelf
    return GenerateCandidates(
        painter=painter,
        judge=FixedJudge(),
        adherence=FixedAdherence(),
        blobs=blobs,
        fetcher=FakeImageFetcher(),
        plates=plates,
        picture_of=picture_of,
        settings=GenerationSettings(),
    )


def _curating(catalogue: MemoryCatalogue, blobs: BlobStore, watch: Watching) -> Curator:
    return Curator(
        catalogue=catalogue,
        curate=CurateSamples(catalogue=catalogue, blobs=blobs),
        engage=RecordEngagement(catalogue, blobs),
        review=RecordReview(catalogue),
        withdraw=WithdrawProduct(catalogue, blobs),
        releases=ReleaseDatasets(catalogue=catalogue, blobs=blobs),
        book=StyleBook(EmptyScenes(blobs)),
        policy=TrainingPolicy(train=frozenset({"product"}), steps=5),
        journey=watch.journey,
    )
