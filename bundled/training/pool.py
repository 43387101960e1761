"""A pool of quick scenes on disk: rendered once, shared by the training programs of the small readers and judges."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bundled.quick import QuickScene, quick_scenes


@dataclass(frozen=True)
class Pool:
    """Pictures (N, H, W, 3) uint8, masks (N, H, W) uint8 (255 = product, 0 in empty scenes), and attributes."""

    pictures: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    facts: list[dict[str, str]]

    def __len__(self) -> int:
        return len(self.facts)


def samples(seed: int, size: int) -> Iterator[QuickScene]:
    """Endless scenes, every fifth one empty."""
    scenes, plates = quick_scenes(seed, size), quick_scenes(seed + 1, size, "plate")
    for turn in itertools.count():
        yield next(plates if turn % 5 == 4 else scenes)


def drawn(count: int, *, seed: int, size: int) -> Pool:
    """`count` samples, drawn now."""
    found = list(itertools.islice(samples(seed, size), count))
    pictures = np.stack([sample.image for sample in found])
    return Pool(pictures, np.stack([sample.mask for sample in found]), [dict(sample.attributes) for sample in found])


def pool_of(count: int, *, seed: int, size: int, file: Path | None = None) -> Pool:
    """The pool kept in `file`, drawn and kept there when it is missing; without a file it is drawn anew."""
    if file is not None and file.exists():
        with np.load(file) as kept:
            return Pool(kept["pictures"], kept["masks"], json.loads(str(kept["facts"])))
    pool = drawn(count, seed=seed, size=size)
    if file is not None:
        np.savez(file, pictures=pool.pictures, masks=pool.masks, facts=np.asarray(json.dumps(pool.facts)))
    return pool
