"""Trains models/mini-probe, the independent reader of backgrounds, on quick scenes and on the style plates there are.

    python -m bundled.training.probe models/mini-probe --plates models/mini-plates

Labels are those of the vocabulary, so that what a prompt asks and what a picture shows are said in the same words.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetForImageClassification

from bundled.quick.backdrops import BACKDROPS
from bundled.quick.surfaces import SURFACES
from bundled.training.pool import Pool, pool_of
from services.inpainter.model.adherence import looked_at
from services.inpainter.plates.catalogue import read_plates
from services.inpainter.prompt.parsing import backdrop_label, parse_prompt, surface_label
from shared.contracts.vocabulary import Hardness, LightColour, LightDirection, mirrored_text
from shared.model import precision

BATCH, POOL_SIZE, PLATE_SHARE = 32, 12_000, 0.2
RATE = 2e-3
NAMED = {
    "sweep": "sweep",
    "sea": "beach",
    "shelf": "bookshelf",
    "festive": "festive lights",
    "city": "city lights",
    "sunset": "sunset",
}
LIGHT = {
    "light_colour": get_args(LightColour),
    "light_direction": get_args(LightDirection),
    "hardness": get_args(Hardness),
}
Labels = Mapping[str, str | None]


def surface_of(kind: str) -> str:
    """The label of a quick scene's surface."""
    return NAMED.get(kind) or surface_label(SURFACES[kind].words[0]) or kind


def backdrop_of(kind: str) -> str:
    """The label of a quick scene's backdrop; "none" when the scene is seen from above."""
    return (NAMED.get(kind) or backdrop_label(BACKDROPS[kind].words[0]) or kind) if kind else "none"


def vocabulary() -> dict[str, tuple[str, ...]]:
    """Attribute -> labels, in the order of the logits."""
    surfaces = tuple(sorted({surface_of(kind) for kind in SURFACES}))
    return {
        "surface": surfaces,
        "backdrop": tuple(sorted({backdrop_of(kind) for kind in BACKDROPS} | {"none"})),
        **LIGHT,
    }


@dataclass(frozen=True)
class Lesson:
    """A picture (H, W, 3), its mask (H, W), and a label per attribute (None: not known, not learned from)."""

    picture: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    labels: Labels


def quick_lessons(pool: Pool) -> list[Lesson]:
    """The pool as lessons."""
    return [
        Lesson(picture, mask, {
            "surface": surface_of(facts["surface"]), "backdrop": backdrop_of(facts["backdrop"]),
            "light_colour": facts["light_colour"], "light_direction": facts["light_direction"],
            "hardness": facts["light_quality"],
        })
        for picture, mask, facts in zip(pool.pictures, pool.masks, pool.facts, strict=True)
    ]  # fmt: skip


def plate_lessons(folder: Path) -> list[Lesson]:
    """The style plates, as finely as they were labelled; an empty list where there is no catalogue."""
    lessons = []
    for plate in read_plates(folder):
        picture = cv2.cvtColor(cv2.imread(str(folder / plate.file)), cv2.COLOR_BGR2RGB)
        small = cv2.resize(
            picture, (192, round(192 * picture.shape[0] / picture.shape[1])), interpolation=cv2.INTER_AREA
        )
        labels = {
            "surface": _plate_surface(plate.surface),
            "backdrop": "none" if plate.view == "flatlay" else backdrop_label(plate.backdrop or ""),
            "light_colour": plate.light.colour, "light_direction": plate.light.direction,
            "hardness": plate.light.hardness,
        }  # fmt: skip
        lessons.append(Lesson(small.astype(np.uint8), np.zeros(small.shape[:2], np.uint8), labels))
    return lessons


def _plate_surface(name: str | None) -> str | None:
    """ "white table" says no material: it is painted, which the quick scenes call paper."""
    read = parse_prompt(f"on {name}")
    return None if name is None else "paper" if "surface" in read.suggested else read.surface


class Shaker:
    """Turns a lesson into another of the same meaning: mirrored, cut, toned, a product's shape on a plate."""

    def __init__(self, shapes: NDArray[np.uint8], seed: int) -> None:
        self.shapes, self.dice = shapes, np.random.default_rng(seed)

    def __call__(self, lesson: Lesson) -> Lesson:
        """One more view of it."""
        picture, mask, labels = lesson.picture, lesson.mask, dict(lesson.labels)
        if not mask.any() and self.dice.random() < 0.8:
            shape = self.shapes[int(self.dice.integers(len(self.shapes)))]
            mask = cv2.resize(shape, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        if self.dice.random() < 0.5:
            picture, mask = picture[:, ::-1], mask[:, ::-1]
            labels["light_direction"] = mirrored_text(labels["light_direction"] or "") or None
        top, left, side = *self.dice.uniform(0, 0.12, 2), self.dice.uniform(0.85, 1.0)
        (height, width) = picture.shape[:2]
        rows = slice(int(top * height), int(min(1.0, top + side) * height))
        columns = slice(int(left * width), int(min(1.0, left + side) * width))
        gain = self.dice.uniform(0.85, 1.15) * self.dice.normal(1, 0.015, 3)
        toned = np.clip(picture[rows, columns] * gain, 0, 255).astype(np.uint8)
        if self.dice.random() < 0.3:
            toned = cv2.GaussianBlur(toned, (0, 0), float(self.dice.uniform(0.3, 1.0)))
        return Lesson(toned, np.ascontiguousarray(mask[rows, columns]), labels)


def make_model(words: Mapping[str, tuple[str, ...]], *, width: int = 32) -> ResNetForImageClassification:
    """A ResNet of about 1.2 million weights whose logits are named attribute=label."""
    names = [f"{attribute}={label}" for attribute, labels in words.items() for label in labels]
    config = ResNetConfig(
        num_channels=6, embedding_size=width, hidden_sizes=[width, 2 * width, 4 * width, 6 * width],
        depths=[1, 1, 2, 1], layer_type="basic", id2label=dict(enumerate(names)),
        label2id={name: at for at, name in enumerate(names)},
    )  # fmt: skip
    return ResNetForImageClassification(config)


def loss_of(logits_BK: Tensor, batch: list[Lesson], words: Mapping[str, tuple[str, ...]]) -> Tensor:
    """Mean cross-entropy over the attributes; unknown labels are left out."""
    losses, start = [], 0
    for attribute, labels in words.items():
        wanted = [
            labels.index(str(lesson.labels[attribute])) if lesson.labels[attribute] in labels else -100
            for lesson in batch
        ]
        group_BL = logits_BK[:, start : start + len(labels)]
        losses.append(
            nn.functional.cross_entropy(group_BL, torch.tensor(wanted), ignore_index=-100, label_smoothing=0.05)
        )
        start += len(labels)
    return torch.stack(losses).mean()


def inputs_of(batch: list[Lesson]) -> Tensor:
    """(B, 6, SIZE, SIZE)."""
    stacked = torch.from_numpy(np.stack([looked_at(lesson.picture, lesson.mask) for lesson in batch]))
    return stacked.to(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Books:
    """Where lessons come from: style plates, kept pools of quick scenes (drawn anew where there are none), a start."""

    plates: Path
    pools: tuple[Path, ...] = ()
    held: Path | None = None
    start: Path | None = None


def train(folder: Path, books: Books, *, steps: int) -> dict[str, float]:
    """Train, write fp16 safetensors, return the share read right on scenes that were never seen."""
    torch.manual_seed(0)
    began, words, dice = time.monotonic(), vocabulary(), np.random.default_rng(0)
    pools = [pool_of(POOL_SIZE, seed=100, size=128, file=file) for file in books.pools or (None,)]
    quick, real = [lesson for pool in pools for lesson in quick_lessons(pool)], plate_lessons(books.plates)
    shake = Shaker(np.concatenate([pool.masks[:800:5] for pool in pools]), seed=1)

    def draw() -> list[Lesson]:
        sources = [real if real and dice.random() < PLATE_SHARE else quick for _ in range(BATCH)]
        return [shake(source[int(dice.integers(len(source)))]) for source in sources]

    model = _model(words, books.start)
    _fit(model, words, draw, steps)
    figures = measure(model, words, quick_lessons(pool_of(600, seed=99_000, size=128, file=books.held)))
    if real:
        seen = measure(model, words, [shake(lesson) for lesson in real * 3])
        figures |= {f"plates {name}": share for name, share in seen.items()}
    figures |= {
        "steps": steps,
        "samples": steps * BATCH,
        "seconds": round(time.monotonic() - began),
        "plates": len(real),
    }
    folder.mkdir(parents=True, exist_ok=True)
    model.half().to(memory_format=torch.contiguous_format).save_pretrained(folder)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def _model(words: Mapping[str, tuple[str, ...]], start: Path | None) -> ResNetForImageClassification:
    if start is None:
        return make_model(words).to(memory_format=torch.channels_last)
    model = ResNetForImageClassification.from_pretrained(start, dtype=torch.float32)
    return model.to(memory_format=torch.channels_last)


def _fit(
    model: ResNetForImageClassification, words: Mapping[str, tuple[str, ...]],
    draw: Callable[[], list[Lesson]], steps: int,
) -> None:  # fmt: skip
    """One cycle of the learning rate; bf16, which is twice as fast where the processor knows it."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        batch = draw()
        with precision.autocast("cpu"):
            logits_BK = model(pixel_values=inputs_of(batch)).logits
        loss = loss_of(logits_BK.float(), batch, words)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step}/{steps} loss {float(loss.detach()):.3f}", flush=True)
    model.eval()


@torch.inference_mode()
def measure(
    model: ResNetForImageClassification, words: Mapping[str, tuple[str, ...]], held: list[Lesson]
) -> dict[str, float]:
    """Attribute -> share read right among the lessons that know it."""
    right: dict[str, list[bool]] = {attribute: [] for attribute in words}
    for batch in _chunks(held, 64):
        logits_BK, start = model(pixel_values=inputs_of(batch)).logits, 0
        for attribute, labels in words.items():
            read = [labels[at] for at in logits_BK[:, start : start + len(labels)].argmax(1).tolist()]
            right[attribute] += [
                got == lesson.labels[attribute]
                for got, lesson in zip(read, batch, strict=True)
                if lesson.labels[attribute] in labels
            ]
            start += len(labels)
    return {attribute: round(float(np.mean(values)), 3) for attribute, values in right.items() if values}


def _chunks(held: list[Lesson], size: int) -> list[list[Lesson]]:
    return [held[at : at + size] for at in range(0, len(held), size)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--plates", type=Path, default=Path("models/mini-plates"))
    parser.add_argument("--pool", type=Path, nargs="*", default=[], help="kept quick scenes; drawn anew without")
    parser.add_argument("--start", type=Path, help="a probe of an earlier run, to go on from")
    parser.add_argument("--held", type=Path, help="kept held-out scenes")
    given = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    books = Books(given.plates, tuple(given.pool), given.held, given.start)
    print(json.dumps(train(given.folder, books, steps=given.steps)))


if __name__ == "__main__":
    main()
