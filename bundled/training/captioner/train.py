"""Trains models/mini-captioner from scratch on quick scenes: a tiny BLIP that names what stands behind a product.

    python -m bundled.training.captioner models/mini-captioner

What is notable: the product is greyed out, as the service does it; patch filters start as whitened principal components
of the pictures, and the eye first learns to name attributes (dense supervision) before the mouth learns sentences.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

from bundled.training.captioner.sentences import every_word, plate_words, scene_words
from bundled.training.pool import Pool, pool_of
from services.captioner.pictures import without_product
from services.inpainter.plates.catalogue import read_plates
from shared.contracts.vocabulary import mirrored_text
from shared.model import precision

SIZE, PATCH, WIDTH, POOL, BATCH, RATE = 128, 16, 144, 12_000, 32, 1e-3
PLATE_SHARE = 0.25
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
HEADS = ("surface", "backdrop", "backdrop_colour", "light_colour", "light_direction", "light_quality")


@dataclass(frozen=True)
class Lesson:
    """One picture (SIZE, SIZE, 3) uint8 with the product greyed out, its sentence, and its attributes."""

    picture: NDArray[np.uint8]
    text: str
    facts: Mapping[str, str]


def lessons(pool: Pool) -> list[Lesson]:
    """The pool as lessons."""
    return [
        Lesson(without_product(picture, mask), scene_words(facts), facts)
        for picture, mask, facts in zip(pool.pictures, pool.masks, pool.facts, strict=True)
    ]


def plate_lessons(folder: Path) -> list[Lesson]:
    """The style plates; none where there is no catalogue. They teach sentences only: they have no `facts`."""
    found = [(plate, cv2.imread(str(folder / plate.file))) for plate in read_plates(folder)]
    return [
        Lesson(
            cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), (2 * SIZE, 2 * SIZE), interpolation=cv2.INTER_AREA),
            plate_words(plate),
            {},
        )
        for plate, picture in found
    ]


def varied(lesson: Lesson, dice: np.random.Generator, shapes: NDArray[np.uint8]) -> Lesson:
    """Mirrored half the time, left and right with it; toned a little; a plate is cut and gets a product's shape."""
    picture, text, facts = lesson.picture, lesson.text, dict(lesson.facts)
    if len(picture) > SIZE:
        top, left = dice.integers(SIZE // 2, size=2)
        side = int(2 * SIZE - max(top, left) - dice.integers(SIZE // 4))
        part = cv2.resize(picture[top : top + side, left : left + side], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        picture = without_product(part, shapes[int(dice.integers(len(shapes)))])
    if dice.random() < 0.5:
        facts |= {name: mirrored_text(side) for name, side in facts.items() if name == "light_direction"}
        text = mirrored_text(text)
        picture = picture[:, ::-1]
    toned = np.clip(picture * np.float32(dice.uniform(0.92, 1.08)), 0, 255).astype(np.uint8)
    return Lesson(toned, text, facts)


def make_processor(folder: Path) -> BlipProcessor:
    """A word-level tokenizer over the sentences' words, and the picture preparation."""
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join((*SPECIAL, *every_word())))
    images = BlipImageProcessor(size={"height": SIZE, "width": SIZE}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    return BlipProcessor(images, BertTokenizer(vocab=str(vocabulary)))


def make_model(processor: BlipProcessor, *, width: int = WIDTH, layers: int = 4) -> BlipForConditionalGeneration:
    """A BLIP of about two million weights."""
    tokens = processor.tokenizer
    special = {
        "bos_token_id": tokens.cls_token_id, "eos_token_id": tokens.sep_token_id,
        "sep_token_id": tokens.sep_token_id, "pad_token_id": tokens.pad_token_id,
    }  # fmt: skip
    text = {
        "vocab_size": len(tokens), "hidden_size": width, "encoder_hidden_size": width, "intermediate_size": 3 * width,
        "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 48, "projection_dim": width,
        "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "label_smoothing": 0.0, **special,
    }  # fmt: skip
    vision = {
        "hidden_size": width, "intermediate_size": 3 * width, "num_hidden_layers": layers, "num_attention_heads": 4,
        "image_size": SIZE, "patch_size": PATCH, "projection_dim": width,
    }  # fmt: skip
    config = BlipConfig(text_config=text, vision_config=vision, projection_dim=width, image_text_hidden_size=width)
    return BlipForConditionalGeneration(config)


def start_from_patches(model: BlipForConditionalGeneration, pictures: NDArray[np.uint8]) -> None:
    """Whitened principal components as patch filters: colours and edges are seen from the first step."""
    side = SIZE // PATCH
    patches_ND = (pictures.astype(np.float32) / 127.5 - 1).reshape(-1, side, PATCH, side, PATCH, 3)
    patches_ND = patches_ND.transpose(0, 1, 3, 5, 2, 4).reshape(-1, 3 * PATCH * PATCH)
    mean_D = patches_ND.mean(0)
    strength, vectors = np.linalg.eigh(np.cov((patches_ND - mean_D).T))
    best = np.argsort(strength)[::-1][: model.config.vision_config.hidden_size]
    filters = vectors[:, best].T / np.sqrt(strength[best] + 0.02)[:, None] * 0.5
    stem = model.vision_model.embeddings.patch_embedding
    with torch.no_grad():
        stem.weight.copy_(torch.from_numpy(filters).float().view_as(stem.weight))
        stem.bias.copy_(torch.from_numpy(-filters @ mean_D).float())


class Naming(nn.Module):
    """Linear heads on the mean of the picture's tokens, for the first lessons only."""

    def __init__(self, width: int, labels: Mapping[str, list[str]]) -> None:
        super().__init__()
        self.labels = labels
        self.heads = nn.ModuleDict({name: nn.Linear(2 * width, len(values)) for name, values in labels.items()})

    def loss(self, tokens_BTD: Tensor, facts: list[Mapping[str, str]]) -> Tensor:
        body = tokens_BTD[:, 1:]
        seen_BD = torch.cat([body.mean(1), body.amax(1)], 1)
        losses = []
        for name, values in self.labels.items():
            wanted_B = torch.tensor([values.index(fact[name]) if fact else -100 for fact in facts])
            losses.append(nn.functional.cross_entropy(self.heads[name](seen_BD), wanted_B, ignore_index=-100))
        return torch.stack(losses).mean()


@dataclass(frozen=True)
class Books:
    """Style plates, kept pools of quick scenes (drawn anew where there are none), an earlier run to go on from."""

    plates: Path
    pools: tuple[Path, ...] = ()
    held: Path | None = None
    start: Path | None = None


def train(folder: Path, books: Books, *, steps: int, seed: int = 0) -> dict[str, float]:
    """Train, write the model in fp16 safetensors, return the held-out figures."""
    torch.manual_seed(seed)
    began, dice = time.monotonic(), np.random.default_rng(seed)
    pools = [pool_of(POOL, seed=seed + 100, size=SIZE, file=file) for file in books.pools or (None,)]
    known = [lesson for pool in pools for lesson in lessons(pool)]
    with tempfile.TemporaryDirectory() as scratch:
        processor = make_processor(Path(scratch))
    if books.start:
        model = BlipForConditionalGeneration.from_pretrained(books.start, dtype=torch.float32).train()
    else:
        model = make_model(processor)
        start_from_patches(model, np.stack([lesson.picture for lesson in known[:800]]))
    naming = Naming(WIDTH, {name: sorted({lesson.facts[name] for lesson in known}) for name in HEADS})

    real, shapes = plate_lessons(books.plates), np.concatenate([pool.masks[:800:5] for pool in pools])

    def draw() -> list[Lesson]:
        sources = [real if real and dice.random() < PLATE_SHARE else known for _ in range(BATCH)]
        return [varied(source[int(dice.integers(len(source)))], dice, shapes) for source in sources]

    _fit(model, naming, processor, draw, steps=steps, silent=0 if books.start else steps // 4)
    figures = measure(model, processor, lessons(pool_of(600, seed=99_000, size=SIZE, file=books.held))[:300])
    figures |= {"steps": steps, "samples": steps * BATCH, "seconds": round(time.monotonic() - began)}
    save(model, processor, folder, figures)
    return figures


def _fit(
    model: BlipForConditionalGeneration, naming: Naming, processor: BlipProcessor, draw: Callable[[], list[Lesson]],
    *, steps: int, silent: int,
) -> None:  # fmt: skip
    """The first `silent` steps only name attributes; then it speaks as well. The rate is constant, then falls."""
    weights = [*model.parameters(), *naming.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=RATE, betas=(0.9, 0.95), weight_decay=0.05)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 100, 0.02 + (1 - step / steps) / 0.6)
        with precision.autocast("cpu"):
            loss = _loss(model, naming, processor, draw(), talk=step >= silent)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step}/{steps} loss {float(loss.detach()):.3f}", flush=True)


def _loss(
    model: BlipForConditionalGeneration, naming: Naming, processor: BlipProcessor, batch: list[Lesson], *, talk: bool
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
def measure(model: BlipForConditionalGeneration, processor: BlipProcessor, held: list[Lesson]) -> dict[str, float]:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--plates", type=Path, default=Path("models/mini-plates"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pool", type=Path, nargs="*", default=[], help="kept quick scenes; drawn anew without")
    parser.add_argument("--held", type=Path, help="kept held-out scenes")
    parser.add_argument("--start", type=Path, help="a captioner of an earlier run, to go on from")
    given = parser.parse_args()
    torch.set_num_threads(1)
    books = Books(given.plates, tuple(given.pool), given.held, given.start)
    print(json.dumps(train(given.folder, books, steps=given.steps, seed=given.seed)))
