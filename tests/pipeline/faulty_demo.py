"""A demo over models that take no time, one part of which is at fault: faulty_demo.py FAULT PHOTOS OUT"""

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from backdrop.demo.command import carry_out
from backdrop.demo.run import Order
from backdrop.demo.screen import PatientConsole
from backdrop.submitting.photos import read_photos
from deploy.embedded.running import EmbeddedStack
from services.trainer.core import Progress, TrainedModel, TrainingPlan
from shared.contracts.blobs import BlobStore
from shared.contracts.events import Scene
from tests.fakes.segmenter import FakeSegmenter
from tests.pipeline.conftest import running_works

SILENCE_S = 20.0  # longer than any step takes on a busy machine
SCAN_S = 0.5  # seven of them wait in silence at once, which shall cost nobody anything


class WaitingSegmenter(FakeSegmenter):
    """Never answers for its second photo."""

    def candidates(self, rgb: Any, prompts: Any) -> Any:
        if self.asked == 1:
            threading.Event().wait()
        return super().candidates(rgb, prompts)


class HangingTrainer:
    """Says nothing, and hears nothing."""

    def train(
        self, plan: TrainingPlan, samples: Path, work: Path, progress: Callable[[Progress], None]
    ) -> TrainedModel:
        threading.Event().wait()
        raise AssertionError


async def never() -> None:
    """Nothing is released by the clock."""
    await asyncio.Event().wait()


PARTS: dict[str, dict[str, Any]] = {
    "none": {},
    "a service that cannot start": {},
    "an event loop that stands still": {},
    "a segmenter that waits": {"segmenter_model": WaitingSegmenter()},
    "a trainer that hangs": {"trainer_model": HangingTrainer()},
}


def main(fault: str, photos: str, out: str) -> None:
    @contextlib.asynccontextmanager
    async def opened(blobs: BlobStore, work: Path, steps: int) -> AsyncIterator[EmbeddedStack]:
        if fault == "a service that cannot start":
            error = OSError("models/mini-judge is not there")
            error.add_note("the inpainter could not start")
            raise error
        async with running_works(work, blobs, scan_s=SCAN_S, **PARTS[fault]) as works:
            if fault == "an event loop that stands still":
                works.client.publish = lambda *_args, **_options: time.sleep(3600)
            yield EmbeddedStack(
                works.client, works.log, lambda _: works.release(), works.release, never, CollectorRegistry()
            )

    scenes = (Scene(prompt="on white marble"),)
    order = Order(photos=read_photos(Path(photos)), scenes=scenes, out=Path(out), steps=5, silence_s=SILENCE_S)
    carry_out(order, PatientConsole(soft_wrap=True), opened)


if __name__ == "__main__":
    main(*sys.argv[1:])
