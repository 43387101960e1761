"""Trains models/mini-probe, the independent reader of backgrounds: quick scenes, style plates, path-traced scenes.

    python -m bundled.training.probe models/mini-probe --plates models/mini-plates --scenes out/scenes

Labels are those of the vocabulary, so that what a prompt asks and what a picture shows are said in the same words.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetForImageClassification

from bundled.training.probe_lessons import (
    LabelledPicture,
    Shaker,
    plate_lessons,
    quick_lessons,
    traced_lessons,
    vocabulary,
)
from bundled.training.resuming import ResumePoint, Stateful
from bundled.training.sources import Sources, read_arguments
from shared.model import precision
from shared.model.attributes import looked_at

BATCH, PLATE_SHARE, TRACED_SHARE = 32, 0.2, 0.5
RATE = 2e-3


def make_model(words: Mapping[str, tuple[str, ...]], *, width: int = 32) -> ResNetForImageClassification:
    """A ResNet of about 1.2 million weights whose logits are named attribute=label."""
    names = [f"{attribute}={label}" for attribute, labels in words.items() for label in labels]
    config = ResNetConfig(
        num_channels=6,
        embedding_size=width,
        hidden_sizes=[width, 2 * width, 4 * width, 6 * width],
        depths=[1, 1, 2, 1],
        layer_type="basic",
        id2label=dict(enumerate(names)),
        label2id={name: at for at, name in enumerate(names)},
    )
    return ResNetForImageClassification(config)


def loss_of(logits_BK: Tensor, batch: list[LabelledPicture], words: Mapping[str, tuple[str, ...]]) -> Tensor:
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


def inputs_of(batch: list[LabelledPicture]) -> Tensor:
    """(B, 6, SIZE, SIZE)."""
    stacked = torch.from_numpy(np.stack([looked_at(lesson.picture, lesson.mask) for lesson in batch]))
    return stacked.to(memory_format=torch.channels_last)


def train(folder: Path, sources: Sources, *, steps: int, seed: int = 0) -> dict[str, float]:
    """Train, write fp16 safetensors, return the share read right on scenes that were never seen."""
    torch.manual_seed(seed)
    words, rng = vocabulary(), np.random.default_rng(seed)
    pools = sources.drawn(seed=seed + 100, size=128)
    quick, real = [lesson for pool in pools for lesson in quick_lessons(pool)], plate_lessons(sources.plates)
    traced = traced_lessons(sources.scenes, "train")
    shake = Shaker(np.concatenate([pool.masks[:800:5] for pool in pools]), seed=1)
    kinds = [(traced, TRACED_SHARE), (real, PLATE_SHARE), (quick, 1.0)]  # the share of what those before leave

    def draw() -> list[LabelledPicture]:
        drawn_from = [next(kind for kind, share in kinds if kind and rng.random() < share) for _ in range(BATCH)]
        return [shake(some[int(rng.integers(len(some)))]) for some in drawn_from]

    model = _model(words, sources.start)
    point = _fit(model, words, draw, steps, sources.work)
    figures = measure(model, words, quick_lessons(sources.never_seen(size=128)))
    if real:
        seen = measure(model, words, [shake(lesson) for lesson in real * 3])
        figures |= {f"plates {name}": share for name, share in seen.items()}
    if traced:
        unseen = measure(model, words, traced_lessons(sources.scenes, "held"))
        figures |= {f"traced {name}": share for name, share in unseen.items()}
    figures |= {
        "steps": steps,
        "samples": steps * BATCH,
        "seconds": round(point.seconds),
        "plates": len(real),
        "traced": len(traced),
    }
    folder.mkdir(parents=True, exist_ok=True)
    model.half().to(memory_format=torch.contiguous_format).save_pretrained(folder)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    point.over()
    return figures


def _model(words: Mapping[str, tuple[str, ...]], start: Path | None) -> ResNetForImageClassification:
    if start is None:
        return make_model(words).to(memory_format=torch.channels_last)
    model = ResNetForImageClassification.from_pretrained(start, dtype=torch.float32)
    return model.to(memory_format=torch.channels_last)


def _fit(
    model: ResNetForImageClassification,
    words: Mapping[str, tuple[str, ...]],
    draw: Callable[[], list[LabelledPicture]],
    steps: int,
    work: Path,
) -> ResumePoint:
    """One cycle of the learning rate; in bfloat16 where that is faster."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps, pct_start=0.1)
    parts: dict[str, Stateful] = {"model": model, "optimizer": optimizer, "schedule": schedule}
    point = ResumePoint(work / f"{steps}-steps.pt", parts)
    for step in range(point.load(), steps):
        batch = draw()
        with precision.autocast("cpu"):
            logits_BK = model(pixel_values=inputs_of(batch)).logits
        loss = loss_of(logits_BK.float(), batch, words)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        point.keep(step + 1)
        if step % 50 == 0:
            print(f"step {step}/{steps} loss {float(loss.detach()):.3f} {point.seconds:.0f} s", flush=True)
    model.eval()
    return point


@torch.inference_mode()
def measure(
    model: ResNetForImageClassification, words: Mapping[str, tuple[str, ...]], held: list[LabelledPicture]
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


def _chunks(held: list[LabelledPicture], size: int) -> list[list[LabelledPicture]]:
    return [held[at : at + size] for at in range(0, len(held), size)]


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    given = arguments(argv)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    print(json.dumps(train(given.folder, given.sources, steps=given.steps, seed=given.seed)))


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for; ends the program with a message when it makes no sense."""
    return read_arguments(__doc__, argv, steps=900, scenes=True)


if __name__ == "__main__":
    main()
