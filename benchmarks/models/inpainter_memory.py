"""Peak memory of the inpainter, the whole process with the bundled models, for the heaviest inputs that it accepts.

    python -m benchmarks.models.inpainter_memory [--only NAME]

Each input runs in a process of its own over a folder of blobs; the figure is its largest resident set (ru_maxrss).
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from services.inpainter import app
from services.inpainter.settings import InpainterSettings
from shared.contracts.events import (
    Caption,
    ImageSource,
    Placement,
    ProductCaptioned,
    ProductFacts,
    Scene,
    SceneIdea,
    Segmentation,
)
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.settings import FetchSettings
from shared.runtime.web.fetching import make_fetcher

OAK = "on an oak wooden table, red brick wall, warm light"


@dataclass(frozen=True)
class Heavy:
    """A photo of `size` whose product fills the share `product` of each side, and what is asked for it."""

    size: tuple[int, int]
    product: float
    scene: Scene
    mode: Literal["RGB", "RGBA"] = "RGB"


TINY = Placement(mode="custom", scale=1.0, x=0.5, y=0.5)
INPUTS = {
    "tiny product blown up": Heavy((500, 500), 0.02, Scene(prompt=OAK, placement=TINY)),
    "four megapixels by aspect 1:5": Heavy((2000, 2000), 0.8, Scene(prompt=OAK, aspect="1:5")),
    "eight of 4096 x 4096": Heavy((4096, 4096), 0.6, Scene(prompt=OAK, count=8)),
    "eight blown up to 4096 x 4096": Heavy((64, 64), 0.6, Scene(prompt=OAK, width=4096, height=4096, count=8)),
    "50 megapixels": Heavy((7071, 7071), 0.6, Scene(prompt=OAK, count=2)),
    "50 megapixels, product in every corner": Heavy((7071, 7071), 1.0, Scene(prompt=OAK, count=2)),
    "50 megapixels with alpha": Heavy((7071, 7071), 0.6, Scene(prompt=OAK, count=2), "RGBA"),
    "50 megapixels by aspect 1:5": Heavy((3160, 3160), 0.8, Scene(prompt=OAK, count=2, aspect="1:5")),
    "50 megapixels, mirrored in glass": Heavy((7071, 7071), 0.6, Scene(prompt="on glass, dark wall", count=2)),
    "50 megapixels from text alone": Heavy((7071, 7071), 0.6, Scene(prompt=OAK, count=2, strength=1.0)),
    "50 megapixels in the style of 50 more": Heavy(
        (7071, 7071), 0.6, Scene(reference=ImageSource(key="uploads/style.jpg"), count=2)
    ),
}


def main() -> None:
    given = _arguments()
    if given.inside:
        print(_peak_mb(INPUTS[given.inside]))
        return
    print("| input | peak MB | seconds | answer |\n|---|---|---|---|")
    for name in [given.only] if given.only else INPUTS:
        started = time.monotonic()
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.models.inpainter_memory", "--inside", name],
            capture_output=True,
            text=True,
            timeout=3600,
        )
        peak, answer = (ran.stdout.strip().splitlines() or [f"0 {ran.stderr[-300:]}"])[-1].split(" ", 1)
        print(f"| {name} | {peak} | {time.monotonic() - started:.0f} | {answer} |", flush=True)


def _peak_mb(heavy: Heavy) -> str:
    with tempfile.TemporaryDirectory() as folder:
        blobs = FolderBlobs(Path(folder), "backdrop")
        paint = app.assemble(InpainterSettings(steps=1), blobs, make_fetcher(FetchSettings())).paint
        if heavy.scene.reference is not None:
            blobs.put("uploads/style.jpg", _file(_picture(heavy.size), "JPEG"), "image/jpeg")
        before = _own_peak()
        event = _submitted(blobs, heavy)
        made_with = max(before, _own_peak())
        (outcome,) = paint.product(event)
    reason = getattr(outcome, "reason", f"{len(getattr(outcome, 'images', ()))} pictures")
    return f"{_own_peak():.0f} {reason} (before painting: {made_with:.0f} MB)"


def _own_peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _submitted(blobs: FolderBlobs, heavy: Heavy) -> ProductCaptioned:
    width, height = heavy.size
    mask = np.zeros((height, width), np.uint8)
    rows, columns = (slice(round(n * (1 - heavy.product) / 2), round(n * (1 + heavy.product) / 2)) for n in mask.shape)
    mask[rows, columns] = 255
    if heavy.product == 1.0:
        mask[:: max(2, height // 50)] = 0
    photo = _picture(heavy.size)
    clear = heavy.mode == "RGBA"
    data = _file(np.dstack([photo, mask]), "PNG") if clear else _file(photo, "JPEG")
    image = blobs.put("images/heavy", data, "image/png" if clear else "image/jpeg")
    outline = blobs.put("masks/heavy.png", _file(mask, "PNG"), "image/png")
    caption = Caption(
        product_short="a box",
        product_long="a box",
        background_short="grey",
        background_long="grey",
        ideas=(SceneIdea(prompt=OAK),),
        captioner="benchmark@1",
    )
    return ProductCaptioned(
        product_id="heavy",
        image=image,
        facts=ProductFacts(),
        caption=caption,
        scenes=(heavy.scene,),
        segmentation=Segmentation(mask=outline, segmenter="benchmark@1"),
    )


def _picture(size: tuple[int, int]) -> np.ndarray:
    """Coarse noise: files of some tens of MB, as photographs of that size have."""
    width, height = size
    noise = np.random.default_rng(0).integers(0, 255, (-(-height // 4), -(-width // 4), 3), dtype=np.uint8)
    return noise.repeat(4, axis=0)[:height].repeat(4, axis=1)[:, :width]


def _file(pixels: np.ndarray, form: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **({"quality": 85} if form == "JPEG" else {"compress_level": 1}))
    return buffer.getvalue()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=INPUTS)
    parser.add_argument("--inside", choices=INPUTS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
