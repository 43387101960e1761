"""Trains models/mini-captioner from scratch on quick scenes: a tiny BLIP that names what stands behind a product.

    python -m services.captioner.train_mini models/mini-captioner --minutes 9

What is notable: the product is greyed out, as the service does it; patch filters start as whitened principal components
of the pictures, and the eye first learns to name attributes (dense supervision) before the mouth learns sentences.
"""

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

from scenes.quick import quick_scenes
from scenes.quick.backdrops import BACKDROPS
from scenes.quick.colours import COLOURS
from scenes.quick.surfaces import SURFACES
from services.captioner.pictures import without_product

SIZE, PATCH, WIDTH, POOL, BATCH = 128, 16, 144, 8000, 32
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PLURAL_OR_MASS = {
    "white marble", "black marble", "green marble", "pink marble", "beige marble", "concrete", "granite", "tiles",
    "terrazzo", "slate", "sand", "grass", "moss", "autumn leaves", "pebbles", "linen", "velvet", "snow", "acrylic",
    "paper", "metal", "water", "mountains", "flowers", "blue sky", "city lights", "festive lights", "wood panels",
}  # fmt: skip
SURFACE_WORDS = {
    "oak": "oak table", "walnut": "walnut table", "pine": "pine table", "white wood": "white wooden table",
    "dark wood": "dark wooden table", "leaves": "autumn leaves", "acrylic": "glossy surface", "metal": "metal table",
    "paper": "table", "sweep": "studio background",
}  # fmt: skip
BACKDROP_WORDS = {
    "plaster": "plaster wall", "red brick": "red brick wall", "white brick": "white brick wall",
    "grey brick": "grey brick wall",
    "shelf": "bookshelf", "sea": "the sea", "sky": "blue sky", "sunset": "sunset sky", "city": "city lights",
    "festive": "festive lights", "gradient": "gradient background",
}  # fmt: skip
PATTERN_WORDS = {"leaves": "leaf shadows", "blinds": "blinds shadows", "window": "window shadows"}
HEADS = ("surface", "backdrop", "backdrop_colour", "light_colour", "light_direction", "light_quality")


def scene_words(facts: Mapping[str, str]) -> str:
    """The one sentence that the mini captioner says for a scene with these attributes."""
    ground = _noun(SURFACE_WORDS.get(facts["surface"], facts["surface"]), facts["surface_colour"])
    place = f"on {ground}"
    if facts["surface"] == "sweep":
        place = f"before {ground}"
    elif facts["backdrop"]:
        place += f" before {_noun(BACKDROP_WORDS.get(facts['backdrop'], facts['backdrop']), facts['backdrop_colour'])}"
    else:
        place += " seen from above"
    shadows = PATTERN_WORDS.get(facts["pattern"], f"{facts['light_quality']} shadows")
    return f"{place} , {facts['light_colour']} light from the {facts['light_direction']} , {shadows}"


def _noun(words: str, colour: str) -> str:
    named = f"{colour} {words}".strip()
    if words in PLURAL_OR_MASS or words.startswith("the "):
        return named
    return f"{'an' if named[0] in 'aeiou' else 'a'} {named}"


@dataclass(frozen=True)
class Lesson:
    """One picture (SIZE, SIZE, 3) uint8 with the product greyed out, its sentence, and its attributes."""

    picture: NDArray[np.uint8]
    text: str
    facts: Mapping[str, str]


def lessons(seed: int) -> Iterator[Lesson]:
    """Endless lessons: mostly scenes with a product, some empty ones."""
    scenes, plates = quick_scenes(seed, SIZE), quick_scenes(seed + 1, SIZE, "plate")
    for turn in itertools.count():
        sample = next(plates if turn % 5 == 4 else scenes)
        yield Lesson(without_product(sample.image, sample.mask), scene_words(sample.attributes), sample.attributes)


def make_processor(folder: Path) -> BlipProcessor:
    """A word-level tokenizer over the sentences' words, and the picture preparation."""
    tables = (SURFACES, BACKDROPS, COLOURS, SURFACE_WORDS.values(), BACKDROP_WORDS.values(), PATTERN_WORDS.values())
    grammar = "a an the on before seen from above , light warm neutral cool left right front back soft hard shadows"
    words = sorted({word for table in tables for phrase in table for word in phrase.split()} | set(grammar.split()))
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join((*SPECIAL, *words)))
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
            wanted_B = torch.tensor([values.index(fact[name]) for fact in facts])
            losses.append(nn.functional.cross_entropy(self.heads[name](seen_BD), wanted_B))
        return torch.stack(losses).mean()


def train(folder: Path, *, minutes: float, seed: int = 0, start: Path | None = None) -> dict[str, float]:
    """Train within `minutes`, write the model in fp16 safetensors, return the held-out figures.

    `start`: a folder that an earlier run wrote, to go on from.
    """
    torch.manual_seed(seed)
    source, began = lessons(seed + 10), time.monotonic()
    pool = list(itertools.islice(source, POOL))
    with tempfile.TemporaryDirectory() as scratch:
        processor = make_processor(Path(scratch))
    model = make_model(processor)
    start_from_patches(model, np.stack([lesson.picture for lesson in pool[:800]]))
    labels = {name: sorted({lesson.facts[name] for lesson in pool}) for name in HEADS}
    naming, dice = Naming(WIDTH, labels), np.random.default_rng(seed)
    weights = [*model.parameters(), *naming.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.05)
    ends, step, starts = began + minutes * 60, 0, time.monotonic()
    while time.monotonic() < ends:
        done = (time.monotonic() - starts) / max(ends - starts, 1e-6)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * min(1.0, (step + 1) / 100) * (1.0 if done < 0.4 else 0.02 + 0.98 * (1 - done) / 0.6)
        batch = [pool[at] for at in dice.integers(len(pool), size=BATCH)]
        with torch.autocast("cpu", torch.bfloat16):  # twice as fast where the processor knows bf16
            loss = _loss(model, naming, processor, batch, talk=done > 0.25)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        for at in dice.integers(len(pool), size=6):  # the pool is renewed, so that nothing is learned by heart
            pool[at] = next(source)
        if step % 100 == 0:
            print(f"step {step} loss {float(loss.detach()):.3f} {time.monotonic() - began:.0f} s", flush=True)
        step += 1
    figures = measure(model, processor, list(itertools.islice(lessons(seed + 99_000), 300)))
    figures |= {"steps": step, "samples": step * BATCH, "seconds": round(time.monotonic() - began)}
    save(model, processor, folder, figures)
    return figures


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
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(train(given.folder, minutes=given.minutes, seed=given.seed)))


if __name__ == "__main__":
    main()
