"""What the bundled inpainter learns from: quick pictures without end, plates, path-traced ones mixed in."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from bundled.quick import quick_scenes
from bundled.training.staging import read_plates, staged
from services.trainer.model.lessons.data import Example, read_shards
from shared.contracts.shards import Split

DRAWN, OFTEN = "drawn, ", 0.75  # said of most quick pictures, so that words alone ask for the look of the others


def quick_examples(seed: int, size: int) -> Iterator[Example]:
    """The endless quick renderer; a twelfth are plates without a product."""
    scenes, plates = quick_scenes(seed, size), quick_scenes(seed, size, "plate")
    rng, count = np.random.default_rng((seed, 13)), 0
    while True:
        count += 1
        sample = next(plates if count % 12 == 0 else scenes)
        said = tuple((DRAWN if rng.random() < OFTEN else "") + text for text in sample.captions)
        yield Example(sample.image, sample.mask, said)


def staged_examples(folder: Path | None, rng: np.random.Generator, size: int) -> Iterator[Example | None]:
    """Quick products on the plates of a folder that may still grow; None while there are none."""
    while True:
        plates = read_plates(folder) if folder else []
        if not plates:
            yield None
            continue
        for sample in islice(staged(plates, int(rng.integers(2**31)), size), 400):
            yield Example(sample.image, sample.mask, tuple(sample.captions))


def growing(folder: Path | None, *, split: Split = "train") -> Iterator[Example | None]:
    """A dataset read round and round while it may still grow; None while there is nothing (one look per call)."""
    while True:
        found = False
        if folder is not None and (folder / "manifest.json").exists():
            for example in read_shards(folder, split=split):
                found = True
                yield example
        if not found:
            yield None


def mixed(quick: Iterator[Example], traced: Iterator[Example | None], share: float, seed: int) -> Iterator[Example]:
    """Quick examples with a share of traced ones, as far as there are any."""
    rng = np.random.default_rng(seed)
    while True:
        example = next(traced) if rng.random() < share else None
        yield example or next(quick)
