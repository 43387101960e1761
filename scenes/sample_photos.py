"""Draws the demo's sample product photos at high quality; the room of sample_list.py that needs the renderer."""

import json
import time
from pathlib import Path

from scenes import photographs
from scenes.plate_studio import save_jpeg
from scenes.sample_list import SAMPLES, SampleProduct

SIZE, SAMPLES_PER_PIXEL = 768, 6


def make_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        if not (folder / f"{sample.sku}.jpg").exists():
            started = time.monotonic()
            make(sample, folder)
            print(f"{sample.sku}  {time.monotonic() - started:.0f} s", flush=True)
    lines = [json.dumps(sample.record()) for sample in SAMPLES]
    (folder / "products.jsonl").write_text("\n".join(lines) + "\n")


def make(sample: SampleProduct, folder: Path, size: int = SIZE, samples: int = SAMPLES_PER_PIXEL) -> None:
    shoot = photographs.take if sample.lifestyle else photographs.packshot
    save_jpeg(folder / f"{sample.sku}.jpg", shoot(sample.plan, size, samples).picture, limit=160_000)
