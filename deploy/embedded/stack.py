"""The five services under one roof: each on its own in-memory broker, all over one folder of blobs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from deploy.embedded.metrics import served, together
from deploy.embedded.running import Dataset, EmbeddedStack
from deploy.embedded.settings import EmbeddedSettings
from services.captioner import app as captioner
from services.captioner import handlers as captioner_handlers
from services.captioner.settings import CaptionerSettings
from services.curator import app as curator
from services.curator import handlers as curator_handlers
from services.curator.curator import Curator
from services.curator.measures import Measures as CuratorMeasures
from services.curator.settings import CuratorSettings
from services.inpainter import app as inpainter
from services.inpainter import handlers as inpainter_handlers
from services.inpainter.measures import Measures as InpainterMeasures
from services.inpainter.settings import InpainterSettings
from services.segmenter import app as segmenter
from services.segmenter import handlers as segmenter_handlers
from services.segmenter.refining import RefineMask
from services.segmenter.settings import SegmenterSettings
from services.trainer import app as trainer
from services.trainer import handlers as trainer_handlers
from services.trainer.measures import Measures as TrainerMeasures
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.memory.log import MemoryLog
from shared.runtime.service import measured
from shared.runtime.settings import FetchSettings, KafkaSettings, TracingSettings
from shared.runtime.web.fetching import make_fetcher

NAMES = ("segmenter", "captioner", "curator", "trainer", "inpainter", "client")
MODEL = "mini-inpainter"
BATCH = 4  # small, so that forty steps take half a minute on one core
SCAN_S = 0.5
STOP_S = 5.0
# what fails twice here will not get better; a wish for the last of many photos waits until that one was looked at
PATIENCE = KafkaSettings(tries=2, try_delay_s=0.2, retry_delays_s=(), not_yet_delays_s=(1.0, 4.0, 15.0, 60.0))


@contextlib.asynccontextmanager
async def run_stack(
    blobs: BlobStore, work: Path, *, steps: int, log: MemoryLog | None = None, tastes: Mapping[str, Any] | None = None
) -> AsyncIterator[EmbeddedStack]:
    """Load every model, subscribe every service and run them over `blobs` until the end of the block.

    All other state is under `work`, and in `log` when it has a journal; `steps` is how long a training takes,
    `tastes` are dials of the curator by their names in its settings. Raises what a service raises that cannot start,
    such as OSError when its model is not there, with a note that names the service. A training that does not hear that
    it should stop is left behind after `STOP_S`.
    """
    brokers = {name: _broker(name) for name in NAMES}
    refiner = _serving(brokers, blobs)
    curating = _curating(brokers["curator"], blobs, _curator_settings(work, steps, tastes or {}))
    working = _training(brokers["trainer"], blobs, TrainerSettings(work=work / "trainer", batch=BATCH))
    async with contextlib.AsyncExitStack() as opened:
        registry = together([broker.metrics.registry for broker in brokers.values()])
        opened.enter_context(served(registry, EmbeddedSettings().metrics_port))
        for broker in brokers.values():
            opened.push_async_callback(asyncio.to_thread, broker.spans.close)
            await opened.enter_async_context(measured(broker))
        log = await opened.enter_async_context(memory_broker(*brokers.values(), log=log))
        worker = asyncio.create_task(working())
        try:
            yield EmbeddedStack(
                brokers["client"], log, curating.release, curating.mine, curating.due, registry, refiner
            )
        finally:
            worker.cancel()
            await asyncio.wait({worker}, timeout=STOP_S)


def _serving(brokers: dict[str, Broker], blobs: BlobStore) -> RefineMask:
    """The three services that a brand waits for; returns what answers clicks, over the segmenter's own model."""
    fetcher = make_fetcher(FetchSettings())
    with _starting("segmenter"):
        watch = brokers["segmenter"].watch
        fetched = watch.fetcher(fetcher, "fetch")
        segment = segmenter.assemble(SegmenterSettings(), watch.blobs(blobs), fetched, watch)
    segmenter_handlers.subscribe(brokers["segmenter"], segment)
    with _starting("captioner"):
        watch = brokers["captioner"].watch
        caption = captioner.assemble(CaptionerSettings(), watch.blobs(blobs), watch)
    captioner_handlers.subscribe(brokers["captioner"], caption)
    with _starting("inpainter"):
        watch = brokers["inpainter"].watch
        fetched = watch.fetcher(fetcher, "fetch")
        painting = inpainter.assemble(InpainterSettings(), watch.blobs(blobs), fetched, watch)
    inpainter_handlers.subscribe(brokers["inpainter"], painting.paint, painting.adopt, painting.learn)
    measures = InpainterMeasures(brokers["inpainter"].metrics.registry, lambda: painting.adopt.painter.name)
    brokers["inpainter"].tell(measures.announced)
    return RefineMask(segment.segmenter)


@dataclass(frozen=True)
class _Curating:
    """The curator, and what publishes what it has to announce."""

    curator: Curator
    publish: curator_handlers.Publish
    check_s: float

    async def release(self, name: Dataset) -> None:
        """Make a dataset now and announce it."""
        await asyncio.to_thread(self.curator.release, name)
        await curator_handlers.announce(self.curator, self.publish)

    async def mine(self) -> None:
        """Look for styles now and announce them."""
        await asyncio.to_thread(self.curator.mine_styles)
        await curator_handlers.announce(self.curator, self.publish)

    async def due(self) -> None:
        """Release by the clock what has grown enough, until cancelled."""
        await curator_handlers.release_when_due(self.curator, self.publish, every_s=self.check_s)


def _curating(broker: Broker, blobs: BlobStore, settings: CuratorSettings) -> _Curating:
    with _starting("curator"):
        curating = curator.assemble(settings, broker.watch.blobs(blobs), broker.watch)
    publish = curator_handlers.subscribe(broker, curating, heard=CuratorMeasures(broker.metrics.registry).heard)
    return _Curating(curating, publish, settings.release_check_s)


def _training(broker: Broker, blobs: BlobStore, settings: TrainerSettings) -> Callable[[], Coroutine[Any, Any, None]]:
    """The trainer; returns what works its jobs off until it is cancelled."""
    with _starting("trainer"):
        training = trainer.assemble(settings, broker.watch.blobs(blobs), watch=broker.watch)
    measures = TrainerMeasures(broker.metrics.registry)
    broker.tell(measures.announced)
    publish = trainer_handlers.subscribe(broker, training.accept, training.roll_back)
    return partial(trainer_handlers.work, training.jobs, publish, every_s=SCAN_S, rested=measures.rested)


@contextlib.contextmanager
def _starting(service: str) -> Iterator[None]:
    """Name the service in what it raises."""
    try:
        yield
    except Exception as error:
        error.add_note(f"the {service} could not start")
        raise


def _broker(service: str) -> Broker:
    return make_broker(PATIENCE, service=service, registry=CollectorRegistry(), tracing=TracingSettings())


def _curator_settings(work: Path, steps: int, tastes: Mapping[str, Any]) -> CuratorSettings:
    """Few samples are enough for a dataset here, and its release asks for a short training."""
    database = f"sqlite:///{work / 'catalogue.sqlite'}"
    given: dict[str, Any] = {"database": database, "train": ("product",), "model": MODEL, "steps": steps or None}
    return CuratorSettings(**(given | dict(tastes)))
