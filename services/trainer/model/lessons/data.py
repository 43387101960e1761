"""Training pictures: WebDataset shards named by a manifest, cropped and mirrored."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from services.trainer.model.lessons.buckets import Frame
from services.trainer.model.lessons.pixels import mask_of, picture_of
from shared.contracts.models import PLATE
from shared.contracts.shards import ShardSample, Split, read_dataset

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Example:
    """A picture HxWx3 uint8, its product mask HxW uint8 (255 = product; all 0 for a plate) and what people might
    type."""

    image: Bytes
    mask: Bytes
    captions: tuple[str, ...]
    key: str = ""
    product_id: str | None = None


def read_shards(
    folder: Path, *, split: Split = "train", passed: Callable[[str], None] = lambda key: None
) -> Iterator[Example]:
    """Every example of a dataset in that split; a sample's plate is an example of its own.

    `passed` hears the keys of those that have no words, picture or mask. Raises FileNotFoundError without its manifest,
    NotKnown for a shard that is broken, for pixels that cannot be read, and for those that do not fit.
    """
    for sample in read_dataset(folder, split=split):
        captions = tuple(text for text in sample.record.captions if text.strip())
        if sample.picture is None or "mask.png" not in sample.files or not captions:
            passed(sample.key)
        else:
            yield from _decoded(sample, sample.picture, captions)


def _decoded(sample: ShardSample, picture: bytes, captions: tuple[str, ...]) -> Iterator[Example]:
    record, image = sample.record, picture_of(sample, picture)
    yield Example(image, mask_of(sample, image), captions, sample.key, record.product_id)
    if "plate.webp" in sample.files:
        plate = picture_of(sample, sample.files["plate.webp"])
        nothing = np.zeros(plate.shape[:2], np.uint8)
        yield Example(plate, nothing, captions, sample.key + PLATE, record.product_id)


def cropped(example: Example, frame: Frame, rng: np.random.Generator) -> Example:
    """A crop of 0.72-1 of the picture in the frame's shape and size, mirrored half the time (left and right change
    places in the captions)."""
    width, height = _largest(example, frame)
    share = rng.uniform(0.72, 1.0)
    window = max(1, int(width * share)), max(1, int(height * share))
    crop = _cut(example, frame, window, _starts(example.mask, window, rng))
    return mirrored(crop) if rng.random() < 0.5 else crop


def whole(example: Example, frame: Frame) -> Example:
    """The largest part of the frame's shape around the product (or the middle), at the frame's size, not mirrored."""
    window = _largest(example, frame)
    return _cut(example, frame, window, (_middle(example.mask, window[0], 0), _middle(example.mask, window[1], 1)))


def _largest(example: Example, frame: Frame) -> tuple[int, int]:
    """Width and height of the largest window of the frame's shape."""
    height, width = example.mask.shape
    scale = min(width / frame[0], height / frame[1])
    return max(1, int(frame[0] * scale)), max(1, int(frame[1] * scale))


def _cut(example: Example, frame: Frame, window: tuple[int, int], start: tuple[int, int]) -> Example:
    (width, height), (left, top) = window, start
    way = cv2.INTER_AREA if width > frame[0] else cv2.INTER_LINEAR
    planes = (plane[top : top + height, left : left + width] for plane in (example.image, example.mask))
    image, mask = (cv2.resize(np.ascontiguousarray(plane), frame, interpolation=way) for plane in planes)
    return replace(example, image=image, mask=mask)


def _middle(mask: Bytes, length: int, axis: int) -> int:
    """Where a window of that length begins whose centre is the product's; `axis` is reduced over: 0 for columns."""
    filled = np.flatnonzero(mask.max(axis=axis) > 127)
    centre = (filled[0] + filled[-1]) // 2 if len(filled) else mask.shape[1 - axis] // 2
    return int(np.clip(centre - length // 2, 0, mask.shape[1 - axis] - length))


def _starts(mask: Bytes, window: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    """Left and top of a crop: anywhere, but if it can it keeps the product whole."""
    starts = []
    for axis, side in zip((0, 1), window, strict=True):
        length = mask.shape[1 - axis]
        filled = np.flatnonzero(mask.max(axis=axis) > 127)
        low, high = (
            (max(0, filled[-1] + 1 - side), min(length - side, filled[0])) if len(filled) else (0, length - side)
        )
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


def told(example: Example, say: Callable[[str], str]) -> Example:
    """The same picture with other words."""
    return replace(example, captions=tuple(say(caption) for caption in example.captions))


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
