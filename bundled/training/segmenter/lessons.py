"""Pictures with exact masks that the mini segmenter learns from: drawn scenes and packshots, photographed."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from PIL import Image

from bundled.quick import quick_scenes
from services.segmenter.backdrops import read_backdrop, to_lab
from services.segmenter.saliency import WHOLE, Point, Prompt, prompts_from, saliency_of
from shared.contracts.datasets import SampleRecord
from shared.contracts.images import Pixels

Rng = np.random.Generator
Split = Literal["train", "held"]


@dataclass(frozen=True)
class PromptedPicture:
    """`rgb` (S, S, 3), `mask` (S, S) with a soft edge, and three prompts: the service's two and one near the truth."""

    rgb: Pixels
    mask: Pixels
    prompts: tuple[Prompt, ...]


def lessons(
    seed: int, size: int, shards: list[Path], *, split: Split = "train", share: float = 0.5
) -> Iterator[PromptedPicture]:
    """Endless lessons of `size` px, a `share` of them from one split of `shards`, if there are any: folders of tars as
    in `shared.contracts.datasets`."""
    rng = np.random.default_rng(seed)
    drawn = [quick_scenes(seed, size, "packshot"), quick_scenes(seed, size, "scene")]
    traced = _traced(shards, split, size, rng)
    last: tuple[Pixels, Pixels] | None = None
    while True:
        pair = next(traced, None) if rng.random() < share else None
        if pair is None:
            sample = next(drawn[int(rng.random() < 0.5)])
            pair = sample.image, sample.mask
        rgb, mask = _staged(*pair, last, rng)
        last = pair
        rgb, mask = _photographed(*_framed(rgb, mask, rng), rng)
        if (lesson := _with_prompts(rgb, mask, rng)) is not None:
            yield lesson


def _staged(rgb: Pixels, mask: Pixels, other: tuple[Pixels, Pixels] | None, rng: Rng) -> tuple[Pixels, Pixels]:
    """Sometimes the product alone over a studio ground with a soft shadow under it, sometimes with a companion."""
    if rng.random() > 0.4:
        return rgb, mask
    size = rgb.shape[0]
    white = 255.0 if rng.random() < 0.6 else float(rng.uniform(150, 254))
    ground = np.full(rgb.shape, white, np.float32) * _shadow(mask, rng)[..., None]
    alpha = mask[..., None].astype(np.float32) / 255
    picture, whole = rgb * alpha + ground * (1 - alpha), mask
    if other is not None and rng.random() < 0.3:
        scale, shift = float(rng.uniform(0.5, 0.9)), rng.uniform(-0.15, 0.45, 2) * size
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        second = cv2.warpAffine(other[1], matrix, (size, size))
        alpha = second[..., None].astype(np.float32) / 255
        picture = cv2.warpAffine(other[0], matrix, (size, size)) * alpha + picture * (1 - alpha)
        whole = np.maximum(mask, second)
    return np.clip(picture, 0, 255).astype(np.uint8), whole


def _shadow(mask: Pixels, rng: Rng) -> Any:
    """A flat soft ellipse under the product, touching it or below it, as a factor (S, S) in 0..1."""
    size = mask.shape[0]
    ys, xs = np.nonzero(mask >= 128)
    shade = np.zeros(mask.shape, np.float32)
    if not len(ys) or rng.random() < 0.15:  # some float without any
        return 1 - shade
    wide = max(2, int((xs.max() - xs.min()) * rng.uniform(0.3, 0.65)))
    high = max(1, int(wide * rng.uniform(0.04, 0.3)))
    centre = (int(xs.mean() + rng.normal(0, 0.04) * size), int(ys.max() + rng.uniform(-0.02, 0.1) * size))
    cv2.ellipse(shade, centre, (wide, high), 0, 0, 360, 1.0, -1)
    return 1 - cv2.GaussianBlur(shade, (0, 0), rng.uniform(1.5, 8.0)) * rng.uniform(0.2, 0.8)


def _framed(rgb: Pixels, mask: Pixels, rng: Rng) -> tuple[Pixels, Pixels]:
    """Moved, scaled, mirrored; what comes in from outside repeats the edge. Products may be cut by the frame."""
    size = rgb.shape[0]
    scale = float(np.exp(rng.uniform(np.log(0.65), np.log(1.7))))
    turn = np.deg2rad(rng.normal(0, 6))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    matrix = scale * np.array([[np.cos(turn) * flip, -np.sin(turn)], [np.sin(turn) * flip, np.cos(turn)]])
    ys, xs = np.nonzero(mask >= 128)
    centre = np.array([xs.mean(), ys.mean()]) if len(xs) else np.array([size / 2, size / 2])
    target = size * (0.5 + np.clip(rng.normal(0, 0.12, 2), -0.3, 0.3))
    affine = np.hstack([matrix, (target - matrix @ centre)[:, None]])
    turned = cv2.warpAffine(rgb, affine, (size, size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return turned, cv2.warpAffine(mask, affine, (size, size))


def _photographed(rgb: Pixels, mask: Pixels, rng: Rng) -> tuple[Pixels, Pixels]:
    """Exposure, tint, hue, noise and JPEG, each mild."""
    picture: Any = rgb.astype(np.float32)
    if rng.random() < 0.5:  # recolour the product: the ground keeps its own colour
        hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + int(rng.integers(180))) % 180
        alpha = mask[..., None].astype(np.float32) / 255
        other = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float32) * float(rng.uniform(0.5, 1.25))
        picture = other * alpha + picture * (1 - alpha)
    if rng.random() < 0.6:
        picture = picture * rng.uniform(0.85, 1.1) * rng.uniform(0.94, 1.06, 3)
    if rng.random() < 0.4:
        picture = picture + rng.normal(0, rng.uniform(1, 6), picture.shape)
    result = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        _, data = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 95))])
        result = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), dtype=np.uint8)
    return np.asarray(result, dtype=np.uint8), mask


def _with_prompts(rgb: Pixels, mask: Pixels, rng: Rng) -> PromptedPicture | None:
    """The service's prompts where it has them; pictures without a product to see are left out."""
    truth = mask >= 128
    if not 0.01 < truth.mean() < 0.9:
        return None
    lab = to_lab(rgb)
    prompts = prompts_from(saliency_of(rgb, lab, read_backdrop(lab)))
    near = _near_truth(truth, rng)
    if len(prompts) == 2:
        return PromptedPicture(rgb, mask, (*prompts, near))
    return PromptedPicture(rgb, mask, (near, Prompt("frame", near.points[:1], (1,), WHOLE), near))


def _near_truth(truth: Any, rng: Rng) -> Prompt:
    """A loose box around the product, three points on it and two off it."""
    size = truth.shape[0]
    ys, xs = np.nonzero(truth)
    edges = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) / size
    box = np.clip(edges + rng.normal(0, 0.03, 4), 0, 1)
    on, off = _points(truth, 3, rng), _points(~truth, 2, rng)
    return Prompt("near", on + off, (1, 1, 1, 0, 0), (float(box[0]), float(box[1]), float(box[2]), float(box[3])))


def _points(where: Any, count: int, rng: Rng) -> tuple[Point, ...]:
    ys, xs = np.nonzero(where)
    picks = rng.integers(len(ys), size=count)
    return tuple(((float(xs[i]) + 0.5) / where.shape[1], (float(ys[i]) + 0.5) / where.shape[0]) for i in picks)


def _traced(folders: list[Path], split: Split, size: int, rng: Rng) -> Iterator[tuple[Pixels, Pixels]]:
    """Pictures and masks of the shards, for ever, in a new order of shards each round; nothing when there are none."""
    tars, found = sorted(tar for folder in folders for tar in folder.glob("*.tar")), True
    while tars and found:
        found = False
        for index in rng.permutation(len(tars)):
            for pair in _of_shard(tars[index], split, size):
                found = True
                yield pair


def _of_shard(path: Path, split: Split, size: int) -> Iterator[tuple[Pixels, Pixels]]:
    with tarfile.open(path) as tar:
        members = {member.name: member for member in tar if member.isfile()}
        for name in members:
            key = name.removesuffix(".json")
            if key == name or SampleRecord.model_validate_json(_bytes(tar, members[name])).split != split:
                continue
            picture = next(members[key + end] for end in (".webp", ".jpg", ".png") if key + end in members)
            rgb, mask = _opened(tar, picture, "RGB"), _opened(tar, members[key + ".mask.png"], "L")
            yield cv2.resize(rgb, (size, size), interpolation=cv2.INTER_AREA), cv2.resize(mask, (size, size))


def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo, mode: str) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(_bytes(tar, member))).convert(mode))


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None, member.name
    return file.read()
