"""Trains models/mini-captioner from scratch on quick scenes: a tiny BLIP that names what stands behind a product.

    python -m bundled.training.captioner models/mini-captioner

What is notable: the product is greyed out, as the service does it; patch filters start as whitened principal components
of the pictures, and the eye first learns to name attributes (dense supervision) before the mouth learns sentences.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BlipForConditionalGeneration, BlipProcessor

from bundled.training.captioner.networks import SIZE, WIDTH, Naming, make_model, make_processor, start_from_patches
from bundled.training.captioner.sentences import plate_words, scene_words
from bundled.training.pool import Pool
from bundled.training.resuming import ResumePoint
from bundled.training.sources import Sources, read_arguments
from services.captioner.pictures import without_product
from services.inpainter.plates.catalogue import read_plates
from shared.contracts.vocabulary import mirrored_text
from shared.model import precision

BATCH, RATE = 32, 1e-3
PLATE_SHARE = 0.25
HEADS = ("surface", "backdrop", "backdrop_colour", "light_colour", "light_direction", "light_quality")


@dataclass(frozen=True)
class SpokenPicture:
    """One picture (SIZE, SIZE, 3) uint8 with the product greyed out, its sentence, and its attributes."""

    picture: NDArray[np.uint8]
    text: str
    facts: Mapping[str, str]


def lessons(pool: Pool) -> list[SpokenPicture]:
    """The pool as lessons."""
    return [
        SpokenPicture(without_product(picture, mask), scene_words(facts), facts)
        for picture, mask, facts in zip(pool.pictures, pool.masks, pool.facts, strict=True)
    ]


def plate_lessons(folder: Path) -> list[SpokenPicture]:
    """The style plates; none where there is no catalogue. They teach sentences only: they have no `facts`."""
    found = [(plate, cv2.imread(str(folder / plate.file))) for plate in read_plates(folder)]
    return [
        SpokenPicture(
            cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), (2 * SIZE, 2 * SIZE), interpolation=cv2.INTER_AREA),
            plate_words(plate),
            {},
        )
        for plate, picture in found
    ]


def varied(lesson: SpokenPicture, rng: np.random.Generator, shapes: NDArray[np.uint8]) -> SpokenPicture:
    """Mirrored half the time, left and right with it; toned a little; a plate is cut and gets a product's shape."""
    picture, text, facts = lesson.picture, lesson.text, dict(lesson.facts)
    if len(picture) > SIZE:
        top, left = rng.integers(SIZE // 2, size=2)
        side = int(2 * SIZE - max(top, left) - rng.integers(SIZE // 4))
        part = cv2.resize(picture[top : top + side, left : left + side], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        picture = without_product(part, shapes[int(rng.integers(len(shapes)))])
    if rng.random() < 0.5:
        facts |= {name: mirrored_text(side) for name, side in facts.items() if name == "light_direction"}
        text = mirrored_text(text)
        picture = picture[:, ::-1]
    toned = np.clip(picture * np.float32(rng.uniform(0.92, 1.08)), 0, 255).astype(np.uint8)
    return SpokenPicture(toned, text, facts)


def train(folder: Path, sources: Sources, *, steps: int, seed: int = 0) -> dict[str, float]:
    """Train, write the model in fp16 safetensors, return the held-out figures."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pools = sources.drawn(seed=seed + 100, size=SIZE)
    known = [lesson for pool in pools for lesson in lessons(pool)]
    with tempfile.TemporaryDirectory() as scratch:
        processor = make_processor(Path(scratch))
    if sources.start:
        model = BlipForConditionalGeneration.from_pretrained(sources.start, dtype=torch.float32).train()
    else:
        model = make_model(processor)
        start_from_patches(model, np.stack([lesson.picture for lesson in known[:800]]))
    naming = Naming(WIDTH, {name: sorted({lesson.facts[name] for lesson in known}) for name in HEADS})

    real, shapes = plate_lessons(sources.plates), np.concatenate([pool.masks[:800:5] for pool in pools])

    def draw() -> list[SpokenPicture]:
        drawn_from = [real if real and rng.random() < PLATE_SHARE else known for _ in range(BATCH)]
        return [varied(some[int(rng.integers(len(some)))], rng, shapes) for some in drawn_from]

    silent = 0 if sources.start else steps // 4
    point = _fit(model, naming, processor, draw, steps=steps, silent=silent, work=sources.work)
    figures = measure(model, processor, lessons(sources.never_seen(size=SIZE))[:300])
    figures |= {"steps": steps, "samples": steps * BATCH, "seconds": round(point.seconds)}
    save(model, processor, folder, figures)
    point.over()
    return figures


def _fit(
    model: BlipForConditionalGeneration,
    naming: Naming,
    processor: BlipProcessor,
    draw: Callable[[], list[SpokenPicture]],
    *,
    steps: int,
    silent: int,
    work: Path,
) -> ResumePoint:
    """The first `silent` steps only name attributes; then it speaks as well. The rate is constant, then falls."""
    weights = [*model.parameters(), *naming.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=RATE, betas=(0.9, 0.95), weight_decay=0.05)
    point = ResumePoint(work / f"{steps}-steps.pt", {"model": model, "naming": naming, "optimizer": optimizer})
    for step in range(point.load(), steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 100, 0.02 + (1 - step / steps) / 0.6)
        with precision.autocast("cpu"):
            loss = _loss(model, naming, processor, draw(), talk=step >= silent)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        point.keep(step + 1)
        if step % 50 == 0:
            print(f"step {step}/{steps} loss {float(loss.detach()):.3f} {point.seconds:.0f} s", flush=True)
    return point


def _loss(
    model: BlipForConditionalGeneration,
    naming: Naming,
    processor: BlipProcessor,
    batch: list[SpokenPicture],
    *,
    talk: bool,
) -> Tensor:
    pixels_BCHW = torch.from_numpy(np.stack([lesson.picture for lesson in batch])).permute(0, 3, 1, 2) / 127.5 - 1
    tokens_BTD = model.vision_model(pixel_values=pixels_BCHW).last_hidden_state
    loss = naming.loss(tokens_BTD, [lesson.facts for lesson in batch])
    if not talk:
        return loss
    text = processor.tokenizer([lesson.text for lesson in batch], padding=True, return_tensors="pt")
    labels_BL = text.input_ids.masked_fill(text.attention_mask == 0, -100)
    spoken = model.text_decoder(
        input_ids=text.input_ids, attention_mask=text.attention_mask, encoder_hidden_states=tokens_BTD, labels=labels_BL
    )
    total: Tensor = 0.5 * loss + spoken.loss
    return total


@torch.inference_mode()
def measure(
    model: BlipForConditionalGeneration, processor: BlipProcessor, held: list[SpokenPicture]
) -> dict[str, float]:
    """Share of unseen scenes whose sentence names the very surface, backdrop, light colour, direction and shadows."""
    model.eval()
    right: dict[str, list[bool]] = {name: [] for name in ("surface", "backdrop", "light colour", "direction", "all")}
    for lesson in held:
        pixels = processor.image_processor(lesson.picture, return_tensors="pt").pixel_values
        said = processor.decode(model.generate(pixel_values=pixels, max_new_tokens=40)[0], skip_special_tokens=True)
        right["all"].append(_parts(said) == _parts(lesson.text))
        for name, got, wanted in zip(right, _parts(said), _parts(lesson.text), strict=False):
            right[name].append(got == wanted)
    return {name: round(float(np.mean(values)), 3) for name, values in right.items()}


def _parts(text: str) -> tuple[str, str, str, str]:
    place, light, _ = ([part.strip() for part in text.split(",")] + ["", "", ""])[:3]
    surface, _, backdrop = place.partition(" before ")
    colour, _, direction = light.partition(" light from the ")
    return surface, backdrop, colour, direction


def save(
    model: BlipForConditionalGeneration, processor: BlipProcessor, folder: Path, figures: dict[str, float]
) -> None:
    """fp16 safetensors, processor and figures, ready for AutoModelForImageTextToText."""
    folder.mkdir(parents=True, exist_ok=True)
    model.generation_config.max_new_tokens = 40
    model.half().save_pretrained(folder, safe_serialization=True)
    processor.save_pretrained(folder)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    given = arguments(argv)
    torch.set_num_threads(1)
    print(json.dumps(train(given.folder, given.sources, steps=given.steps, seed=given.seed)))


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for; ends the program with a message when it makes no sense."""
    return read_arguments(__doc__, argv, steps=2400)
