"""One replica of a stage: its own core, handlers and stores, with a stand-in for its model that takes a set time.

    python -m benchmarks.load.stages segmenter --latency 1.0

Where Kafka, MinIO and PostgreSQL are says the environment, as for the service itself. Runs until SIGTERM.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import cv2
from prometheus_client import CollectorRegistry

from services.captioner import handlers as captioner_handlers
from services.captioner.core import CaptionProduct
from services.curator import app as curator_app
from services.curator import handlers as curator_handlers
from services.curator.settings import CuratorSettings
from services.inpainter import handlers as inpainter_handlers
from services.inpainter.adoption import AdoptModel, Ours
from services.inpainter.candidates import GenerateCandidates
from services.inpainter.choosing import GenerationSettings
from services.inpainter.core import LearnStyle, Outcome, PaintBackgrounds
from services.inpainter.ports import InpaintInput, InpaintOutput
from services.segmenter import handlers as segmenter_handlers
from services.segmenter.core import SegmentProduct
from services.trainer import app as trainer_app
from services.trainer import handlers as trainer_handlers
from services.trainer.core import Progress, TrainedModel, TrainingPlan, nobody
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.events import ProductCaptioned
from shared.runtime.broker import Broker, make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings, read_settings
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.painter import FakeInpainter, FixedAdherence, FixedJudge
from tests.fakes.plates import MARBLE, picture_of
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.trainer import FakeTrainer
from tests.fakes.vision_language_model import ScriptedVisionLanguageModel

Given = TypeVar("Given")
Made = TypeVar("Made")
Beside = contextlib.AbstractAsyncContextManager[None]

STEPS = 5


@dataclass(frozen=True)
class Replica:
    """What one has of its own: `seconds` that its model takes, and a folder that is gone when it ends."""

    broker: Broker
    blobs: BlobStore
    seconds: float
    folder: Path


def slow(use_case: Callable[[Given], Made], seconds: float) -> Callable[[Given], Made]:
    """The use case with the time that its model would take."""

    def after_a_while(given: Given) -> Made:
        time.sleep(seconds)
        return use_case(given)

    return after_a_while


class SlowPainting:
    """The inpainter's use case with the time that its model would take for each scene."""

    def __init__(self, paint: PaintBackgrounds, seconds: float) -> None:
        self._paint = paint
        self._seconds = seconds
        self.request = slow(paint.request, seconds)

    def product(self, event: ProductCaptioned) -> Iterator[Outcome]:
        """One outcome after the other."""
        for outcome in self._paint.product(event):
            time.sleep(self._seconds)
            yield outcome


class SlowTrainer(FakeTrainer):
    """The stand-in with the time that each step would take."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def train(
        self,
        plan: TrainingPlan,
        samples: Path,
        work: Path,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool] = lambda: False,
        withdrawn: Callable[[], Collection[str]] = nobody,
    ) -> TrainedModel:
        """Steps of a set time."""
        return super().train(plan, samples, work, slow(progress, self._seconds), stop, withdrawn)


class ForgetfulInpainter(FakeInpainter):
    """The stand-in without its memory of what it was asked: a load may be long."""

    def paint(self, inputs: "list[InpaintInput] | Any") -> list[InpaintOutput]:
        """One picture per given."""
        try:
            return super().paint(inputs)
        finally:
            self.inputs.clear()


def segmenter(one: Replica) -> Beside:
    """Finds an ellipse."""
    segment = SegmentProduct(FakeSegmenter(), FakeImageFetcher(), one.blobs)
    segmenter_handlers.subscribe(one.broker, slow(segment, one.seconds))  # type: ignore[arg-type]
    return contextlib.nullcontext()


def captioner(one: Replica) -> Beside:
    """Sees nothing that it could name."""
    model = ScriptedVisionLanguageModel(background="before a wall of coloured tiles")
    caption = CaptionProduct(model=model, blobs=one.blobs)
    captioner_handlers.subscribe(one.broker, slow(caption, one.seconds))  # type: ignore[arg-type]
    return contextlib.nullcontext()


def curator(one: Replica) -> Beside:
    """Has no model: whatever a batch takes, it takes as it is."""
    curating = curator_app.assemble(read_settings(CuratorSettings), one.blobs)
    publish = curator_handlers.subscribe(one.broker, curating)
    return _working(lambda: curator_handlers.release_when_due(curating, publish, every_s=5.0))


def trainer(one: Replica) -> Beside:
    """Trains nothing, in as many steps as it is asked for, each as slow as a model of the others."""
    (one.folder / "models" / "mini-inpainter").mkdir(parents=True)
    settings = TrainerSettings(work=one.folder / "work", models=one.folder / "models")
    training = trainer_app.assemble(settings, one.blobs, {"product": SlowTrainer(one.seconds)})
    publish = trainer_handlers.subscribe(one.broker, training.accept, training.roll_back)
    return _working(lambda: trainer_handlers.work(training.jobs, publish, every_s=1.0))


@contextlib.asynccontextmanager
async def _working(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """What a stage does beside its messages, while its broker is connected."""
    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=10)


def inpainter(one: Replica) -> Beside:
    """Leaves every start as it is."""
    painter = ForgetfulInpainter()
    generate = GenerateCandidates(
        painter=painter,
        judge=FixedJudge(),
        adherence=FixedAdherence(),
        blobs=one.blobs,
        fetcher=FakeImageFetcher(),
        plates=(MARBLE,),
        picture_of=picture_of,
        settings=GenerationSettings(),
    )
    ours = Ours(model="mini-inpainter", base="models/mini-inpainter", judge="mini-judge")
    adopt = AdoptModel(painter, FixedJudge(), one.blobs, ours)
    painting: Any = SlowPainting(PaintBackgrounds(generate, one.blobs), one.seconds)
    inpainter_handlers.subscribe(one.broker, painting, adopt, LearnStyle(generate))
    return contextlib.nullcontext()


STAGES: dict[str, Callable[[Replica], Beside]] = {
    "segmenter": segmenter, "captioner": captioner, "curator": curator, "trainer": trainer, "inpainter": inpainter,
}  # fmt: skip


async def run(stage: str, seconds: float, ready: Path | None) -> None:
    """Until told to stop; `ready` is made when it reads."""
    ends = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ends.set)
    broker = make_broker(read_settings(KafkaSettings), service=stage, registry=CollectorRegistry())
    with tempfile.TemporaryDirectory(prefix=f"{stage}-", ignore_cleanup_errors=True) as folder:
        beside = STAGES[stage](Replica(broker, MinioBlobs(read_settings(MinioSettings)), seconds, Path(folder)))
        await broker.start()
        async with beside:  # within the broker's life, as in a service: what it announces needs a connection
            if ready is not None:
                ready.touch()
            await ends.wait()
        await broker.stop()


if __name__ == "__main__":
    cv2.setNumThreads(1)
    logging.basicConfig(level=logging.ERROR)
    parser = argparse.ArgumentParser()
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that the stand-in model takes")
    parser.add_argument("--ready", type=Path, help="a file that is made when the replica reads its topics")
    options = parser.parse_args()
    asyncio.run(run(options.stage, options.latency, options.ready))
