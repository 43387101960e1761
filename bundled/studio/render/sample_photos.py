"""Draws the demo's sample product photos at high quality; the room of sample_list.py that needs the renderer."""

import json
import time
from pathlib import Path

import cv2
import numpy as np

from bundled.studio.plan.sample_list import SAMPLES, SampleProduct
from bundled.studio.render import photograph
from bundled.studio.render.plate_studio import save_jpeg

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
    shoot = photograph.take if sample.lifestyle else photograph.packshot
    shot = shoot(sample.plan, size, samples)
    save_jpeg(folder / f"{sample.sku}.jpg", shot.picture, limit=160_000)
    if sample.mask_file:
        (folder / "masks").mkdir(exist_ok=True)
        cv2.imwrite(str(folder / sample.mask_file), np.where(shot.mask >= 0.5, 255, 0).astype(np.uint8))
