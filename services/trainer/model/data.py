"""Training pictures: WebDataset shards named by a manifest, cropped and mirrored."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from shared.contracts.shards import ShardSample, read_dataset

Split = Literal["train", "held"]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Example:
    """A picture HxWx3 uint8, its product mask HxW uint8 (255 = product; all 0 for a plate) and what people might
    type."""

    image: Bytes
    mask: Bytes
    captions: tuple[str, ...]


def read_shards(folder: Path, *, split: Split = "train") -> Iterator[Example]:
    """Every example of a dataset in that split; a sample's plate is an example of its own.

    Raises FileNotFoundError without its manifest, NotKnown for a shard that is broken.
    """
    for sample in read_dataset(folder, split=split):
        yield from _decoded(sample)


def _decoded(sample: ShardSample) -> Iterator[Example]:
    captions = sample.record.captions
    if sample.picture is None or "mask.png" not in sample.files or not captions:
        return
    image, mask = _pixels(sample.picture, "RGB"), _pixels(sample.files["mask.png"], "L")
    yield Example(image, mask, captions)
    if "plate.webp" in sample.files:
        yield Example(_pixels(sample.files["plate.webp"], "RGB"), np.zeros_like(mask), captions)


def _pixels(data: bytes, mode: str) -> Bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert(mode))


def cropped(example: Example, size: int, rng: np.random.Generator) -> Example:
    """A crop of 0.72-1 of the picture at size x size, mirrored half the time (left and right change places in the
    captions)."""
    height, width = example.mask.shape
    side = int(min(height, width) * rng.uniform(0.72, 1.0))
    top, left = _window(example.mask, side, rng)
    image, mask = (plane[top : top + side, left : left + side] for plane in (example.image, example.mask))
    way = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    image, mask = (cv2.resize(np.ascontiguousarray(plane), (size, size), interpolation=way) for plane in (image, mask))
    crop = Example(image, mask, example.captions)
    return mirrored(crop) if rng.random() < 0.5 else crop


def whole(example: Example, size: int) -> Example:
    """The largest square around the product (or the middle) at size x size, not mirrored."""
    height, width = example.mask.shape
    side = min(height, width)
    top, left = (_middle(example.mask, side, axis) for axis in (1, 0))
    planes = (plane[top : top + side, left : left + side] for plane in (example.image, example.mask))
    way = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    image, mask = (cv2.resize(np.ascontiguousarray(plane), (size, size), interpolation=way) for plane in planes)
    return Example(image, mask, example.captions)


def _middle(mask: Bytes, side: int, axis: int) -> int:
    filled = np.flatnonzero(mask.max(axis=axis) > 127)
    centre = (filled[0] + filled[-1]) // 2 if len(filled) else mask.shape[1 - axis] // 2
    return int(np.clip(centre - side // 2, 0, mask.shape[1 - axis] - side))


def _window(mask: Bytes, side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Where the crop begins: anywhere, but if it can it keeps the product whole."""
    starts = []
    for axis in (1, 0):
        length = mask.shape[1 - axis]
        rows = np.flatnonzero(mask.max(axis=axis) > 127)
        low, high = (max(0, rows[-1] + 1 - side), min(length - side, rows[0])) if len(rows) else (0, length - side)
        low, high = (low, high) if low <= high else (0, length - side)
        starts.append(int(rng.integers(low, high + 1)))
    return starts[0], starts[1]


def mirrored(example: Example) -> Example:
    """Left becomes right, in the picture and in the words."""
    swapped = tuple(swap_sides(caption) for caption in example.captions)
    return replace(
        example,
        image=np.ascontiguousarray(example.image[:, ::-1]),
        mask=np.ascontiguousarray(example.mask[:, ::-1]),
        captions=swapped,
    )


def swap_sides(text: str) -> str:
    """'light from the left' becomes 'light from the right', and back."""
    return (
        text.replace("left", "\0")
        .replace("right", "left")
        .replace("\0", "right")
        .replace("bleft", "bright")
        .replace("Bleft", "Bright")
    )


def to_tensor(image: Bytes) -> Tensor:
    """HxWx3 uint8 to 3xHxW in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float() / 127.5 - 1
