"""How long each stage works on one product, on this machine: what `backdrop plan --times` reckons with.

    python -m benchmarks.stage_times [--photos samples/photos] [--out times.json] [--device cpu]

Every service's own use case over a folder of blobs, first without counting (models warm up), then counted. On a CPU
a replica has one thread and what counts is the time of its core, so a busy machine does not disturb; on a GPU it is
the clock.
"""

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

from backdrop.submitting.handover import events_of, hand_over
from backdrop.submitting.photos import read_photos
from services.captioner import app as captioner
from services.captioner.settings import CaptionerSettings
from services.curator import app as curator
from services.curator.settings import CuratorSettings
from services.inpainter import app as inpainter
from services.inpainter.settings import InpainterSettings
from services.segmenter import app as segmenter
from services.segmenter.settings import SegmenterSettings
from shared.contracts.events import BackgroundGenerated, ProductSubmitted, Scene
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.settings import FetchSettings
from shared.runtime.web.fetching import make_fetcher

Said = TypeVar("Said")
OPTIONS = 4
SCENE = Scene(prompt="on an oak table, brick wall", count=OPTIONS)


class Stages:
    """The four stages that a product passes, each timed by itself."""

    def __init__(self, blobs: FolderBlobs, work: Path, device: str) -> None:
        web = make_fetcher(FetchSettings())
        self._segment = segmenter.assemble(SegmenterSettings(device=device), blobs, web)
        self._caption = captioner.assemble(CaptionerSettings(device=device), blobs)
        self._curate = curator.assemble(CuratorSettings(database=f"sqlite:///{work / 'c.sqlite'}"), blobs).curate
        painting = InpainterSettings(device=device)
        self._paint = inpainter.assemble(painting, blobs, web).paint
        self._made = OPTIONS + painting.extra_candidates
        self._now = time.process_time if device == "cpu" else time.perf_counter
        self.seconds: dict[str, list[float]] = {}

    def run(self, event: ProductSubmitted) -> None:
        """One product through all of them; what an option takes is the inpainter's share of one it made."""
        segmented = self._timed("segmenter", lambda: self._segment(event))
        captioned = self._timed("captioner", lambda: self._caption(segmented))
        self._timed("curator", lambda: self._curate([captioned]))
        (outcome,) = self._timed("inpainter", lambda: list(self._paint.product(captioned)))
        taken = self.seconds["inpainter"].pop()
        if isinstance(outcome, BackgroundGenerated):
            self.seconds["inpainter"].append(taken / self._made)

    def _timed(self, stage: str, call: Callable[[], Said]) -> Said:
        began = self._now()
        said = call()
        self.seconds.setdefault(stage, []).append(self._now() - began)
        return said


def measured(photos: Path, device: str) -> dict[str, float]:
    """Stage -> median seconds of one replica."""
    with tempfile.TemporaryDirectory() as folder:
        blobs = FolderBlobs(Path(folder), "backdrop")
        stages = Stages(blobs, Path(folder), device)
        handed = hand_over(read_photos(photos), (SCENE,), blobs)
        events = [events_of(one, None)[0] for one in handed if one.refusal is None]
        unmasked = {"mask": None}  # a merchant's mask would spare the segmenter its work
        submitted = [one.model_copy(update=unmasked) for one in events if isinstance(one, ProductSubmitted)]
        for event in submitted[:1]:
            stages.run(event.model_copy(update={"product_id": "warm-up"}))
        stages.seconds.clear()
        for event in submitted:
            stages.run(event)
        return {stage: round(statistics.median(taken), 4) for stage, taken in stages.seconds.items() if taken}


def main() -> None:
    """Measure, show, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=Path("samples/photos"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/stage_times.json"))
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    torch.set_num_threads(1)
    seconds = measured(given.photos, given.device)
    name = (
        torch.cuda.get_device_name() if given.device.startswith("cuda") else platform.processor() or platform.machine()
    )
    told = {"device": f"{given.device}, {name}", "unit": "seconds of one replica: a product; inpainter: an option"}
    given.out.write_text(json.dumps({**told, "seconds": seconds}, indent=2) + "\n")
    print(given.out.read_text())


if __name__ == "__main__":
    main()
