"""What the bundled inpainter learns from: quick pictures without end, plates, path-traced ones mixed in."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from bundled.quick import quick_scenes
from bundled.training.staging import read_plates, staged
from services.trainer.model.lessons.data import Bytes, Example, read_shards, to_tensor
from shared.contracts.shards import Split


def quick_examples(seed: int, size: int) -> Iterator[Example]:
    """The endless quick renderer; a twelfth are plates without a product."""
    scenes, plates = quick_scenes(seed, size), quick_scenes(seed, size, "plate")
    count = 0
    while True:
        count += 1
        sample = next(plates if count % 12 == 0 else scenes)
        yield Example(sample.image, sample.mask, tuple(sample.captions))


def staged_examples(folder: Path | None, rng: np.random.Generator, size: int) -> Iterator[Example | None]:
    """Quick products on the plates of a folder that may still grow; None while there are none."""
    while True:
        plates = read_plates(folder) if folder else []
        if not plates:
            yield None
            continue
        for sample in islice(staged(plates, int(rng.integers(2**31)), size), 400):
            yield Example(sample.image, sample.mask, tuple(sample.captions))


class PicturePool:
    """Some hundred pictures in memory for crops; each call lets a few fresh ones in, so the pool has no end."""

    def __init__(self, fresh: Iterator[Bytes], capacity: int = 600, per_call: int = 2) -> None:
        self.fresh, self.capacity, self.per_call = fresh, capacity, per_call
        self.pictures: list[Bytes] = [next(fresh) for _ in range(min(96, capacity))]

    def __call__(self, count: int, side: int, numbers: torch.Generator) -> Tensor:
        """count x 3 x side x side crops in -1..1."""
        for _ in range(self.per_call):
            self._let_in(next(self.fresh), numbers)
        return torch.stack([to_tensor(self._crop(side, numbers)) for _ in range(count)])

    def _let_in(self, picture: Bytes, numbers: torch.Generator) -> None:
        if len(self.pictures) < self.capacity:
            self.pictures.append(picture)
        else:
            self.pictures[int(torch.randint(self.capacity, (), generator=numbers))] = picture

    def _crop(self, side: int, numbers: torch.Generator) -> Bytes:
        picture = self.pictures[int(torch.randint(len(self.pictures), (), generator=numbers))]
        if min(picture.shape[:2]) < side:
            picture = cv2.resize(picture, (side, side))
        top, left = (int(torch.randint(length - side + 1, (), generator=numbers)) for length in picture.shape[:2])
        return picture[top : top + side, left : left + side]


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


def folder_pictures(folder: Path, side: int = 320) -> list[Bytes]:
    """The JPEG and PNG pictures of a folder, the shorter side brought to `side` px."""
    pictures = []
    for path in sorted([*folder.glob("*.jpg"), *folder.glob("*.png")]):
        with Image.open(path) as picture:
            scale = side / min(picture.size)
            pictures.append(
                np.asarray(
                    picture.convert("RGB").resize(
                        (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BOX
                    )
                )
            )
    return pictures
