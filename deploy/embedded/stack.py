"""The five services under one roof: each on its own in-memory broker, all over one folder of blobs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from services.captioner import app as captioner
from services.captioner import handlers as captioner_handlers
from services.captioner.settings import CaptionerSettings
from services.curator import app as curator
from services.curator import handlers as curator_handlers
from services.curator.datasets.release import DatasetName as DatasetName  # of what `release` takes
from services.curator.settings import CuratorSettings
from services.inpainter import app as inpainter
from services.inpainter import handlers as inpainter_handlers
from services.inpainter.settings import InpainterSettings
from services.segmenter import app as segmenter
from services.segmenter import handlers as segmenter_handlers
from services.segmenter.settings import SegmenterSettings
from services.trainer import app as trainer
from services.trainer import handlers as trainer_handlers
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory_broker import MemoryLog, memory_broker
from shared.runtime.settings import FetchSettings, KafkaSettings
from shared.runtime.web.fetching import make_fetcher

MODEL = "mini-inpainter"
BATCH = 4  # small, so that forty steps take half a minute on one core
SCAN_S = 0.5
STOP_S = 5.0
# what fails twice here will not get better
PATIENCE = KafkaSettings(tries=2, try_delay_s=0.2, retry_delays_s=(), not_yet_delays_s=(1.0, 4.0))


@dataclass(frozen=True)
class EmbeddedStack:
    """The services, running: publish with `broker`, hear with `log`.

    `release` makes and announces a dataset now, with the styles of an `engaged` one; `mine` the styles alone.
    """

    broker: Broker
    log: MemoryLog
    release: Callable[[DatasetName], Awaitable[None]]
    mine: Callable[[], Awaitable[None]]


@contextlib.asynccontextmanager
async def run_stack(
    blobs: BlobStore, work: Path, *, steps: int, tastes: Mapping[str, Any] | None = None
) -> AsyncIterator[EmbeddedStack]:
    """Load every model, subscribe every service and run them over `blobs` until the end of the block.

    All other state is under `work`; `steps` is how long a training takes, `tastes` are dials of the curator by their
    names in its settings. Raises what a service raises that cannot
    start, such as OSError when its model is not there, with a note that names the service. A training that does not
    hear that it should stop is left behind after `STOP_S`.
    """
    brokers = {name: _broker(name) for name in ("segmenter", "captioner", "curator", "trainer", "inpainter", "client")}
    _serving(brokers, blobs)
    with _starting("curator"):
        curating = curator.assemble(_curator_settings(work, steps, tastes or {}), blobs)
    publish_release = curator_handlers.subscribe(brokers["curator"], curating)
    with _starting("trainer"):
        training = trainer.assemble(TrainerSettings(work=work / "trainer", batch=BATCH), blobs)
    publish_training = trainer_handlers.subscribe(brokers["trainer"], training.accept)

    async def release(name: DatasetName) -> None:
        await asyncio.to_thread(curating.release, name)
        await curator_handlers.announce(curating, publish_release)

    async def mine() -> None:
        await asyncio.to_thread(curating.mine_styles)
        await curator_handlers.announce(curating, publish_release)

    async with memory_broker(*brokers.values()) as log:
        worker = asyncio.create_task(trainer_handlers.work(training.jobs, publish_training, every_s=SCAN_S))
        try:
            yield EmbeddedStack(brokers["client"], log, release, mine)
        finally:
            worker.cancel()
            await asyncio.wait({worker}, timeout=STOP_S)


def _serving(brokers: dict[str, Broker], blobs: BlobStore) -> None:
    """The three services that a brand waits for."""
    fetcher = make_fetcher(FetchSettings())
    with _starting("segmenter"):
        segmenter_handlers.subscribe(brokers["segmenter"], segmenter.assemble(SegmenterSettings(), blobs, fetcher))
    with _starting("captioner"):
        captioner_handlers.subscribe(brokers["captioner"], captioner.assemble(CaptionerSettings(), blobs))
    with _starting("inpainter"):
        painting = inpainter.assemble(InpainterSettings(), blobs, fetcher)
    inpainter_handlers.subscribe(brokers["inpainter"], painting.paint, painting.adopt, painting.learn)


@contextlib.contextmanager
def _starting(service: str) -> Iterator[None]:
    """Name the service in what it raises."""
    try:
        yield
    except Exception as error:
        error.add_note(f"the {service} could not start")
        raise


def _broker(service: str) -> Broker:
    return make_broker(PATIENCE, service=service, registry=CollectorRegistry())


def _curator_settings(work: Path, steps: int, tastes: Mapping[str, Any]) -> CuratorSettings:
    """Few samples are enough for a dataset here, and its release asks for a short training."""
    database = f"sqlite:///{work / 'catalogue.sqlite'}"
    given: dict[str, Any] = {"database": database, "train": ("product",), "model": MODEL, "steps": steps or None}
    return CuratorSettings(**(given | dict(tastes)))
