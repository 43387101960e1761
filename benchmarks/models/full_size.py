"""The whole way of a LoRA at the full size of SD 1.5 or SDXL, with random weights: what it takes in time and memory.

python -m benchmarks.models.full_size sd15|sdxl [--size 256] [--frozen bfloat16]

A base of the published layout is written, read by the trainer, trained for two steps, saved, read back and compared;
then the painter adopts the LoRA and paints one picture. Random weights show that every part fits; nothing is learnt.
"""

import argparse
import io
import json
import resource
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from services.inpainter.model.inpainting import InpaintPainter
from services.inpainter.ports import InpaintInput
from services.trainer.core import TrainingPlan
from services.trainer.model.diffusion_trainer import DiffusionTrainer
from services.trainer.model.means import Means
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry

LAYOUTS: dict[str, dict[str, Any]] = {
    "sd15": {
        "sample_size": 64, "in_channels": 9, "out_channels": 4, "layers_per_block": 2,
        "block_out_channels": (320, 640, 1280, 1280),
        "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        "cross_attention_dim": 768, "attention_head_dim": 8,
    },
    "sdxl": {
        "sample_size": 128, "in_channels": 9, "out_channels": 4, "layers_per_block": 2,
        "block_out_channels": (320, 640, 1280),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": 2048, "attention_head_dim": (5, 10, 20), "transformer_layers_per_block": (1, 2, 10),
        "use_linear_projection": True, "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
}  # fmt: skip
VAE = {
    "block_out_channels": (128, 256, 512, 512), "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4, "layers_per_block": 2, "latent_channels": 4, "sample_size": 512,
}  # fmt: skip
CLIP_L = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
          "projection_dim": 768}  # fmt: skip
CLIP_G = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20,
          "projection_dim": 1280, "hidden_act": "gelu"}  # fmt: skip
WORDS = [
    "<|startoftext|>",
    "<|endoftext|>",
    *"abcdefghijklmnopqrstuvwxyz,",
    *(f"{c}</w>" for c in "abcdefghijklmnopqrstuvwxyz,"),
]


def walked(layout: str, folder: Path, *, size: int, frozen: str) -> dict[str, float]:
    """Seconds of every part, those that the processor spent on all, peaks of resident memory in GB, and the layers that
    wear the LoRA."""
    figures: dict[str, float] = {}
    with timed(figures, "write_base"):
        write_base(layout, folder / "base", getattr(torch, frozen))
    write_samples(folder / "samples", size)
    plan = TrainingPlan(
        stage="product", base=folder / "base", steps=2, batch=1, rank=4, learning_rate=1e-4, size=size, seed=0
    )
    with timed(figures, "train_save_reload"):
        means = Means(frozen=frozen, checkpoint_s=1e9)  # type: ignore[arg-type]
        model = DiffusionTrainer(means).train(plan, folder / "samples", folder / "work", lambda _: None)
    figures |= {name: model.metrics[name] for name in ("lora_layers", "reload_difference")}
    with timed(figures, "painter_load"):
        painter = InpaintPainter(str(folder / "base"), dtype=frozen, side=size, steps=2)  # type: ignore[arg-type]
    with timed(figures, "adopt"):
        painter.adopt(model.weights.read_bytes(), "full")
    with timed(figures, "paint_two_steps"):
        picture, mask = np.full((size, size, 3), 200, np.uint8), np.zeros((size, size), np.uint8)
        mask[size // 3 : size // 2, size // 3 : size // 2] = 255
        given = InpaintInput(image=picture, mask=mask, prompt="a wall", negative_prompt="", seed=1, strength=1.0)
        (painted,) = painter.paint([given])
    assert painted.after.shape == (size, size, 3) and painter.name.endswith("@full")
    figures["processor_s"] = round(time.process_time(), 1)
    return figures


@contextmanager
def timed(figures: dict[str, float], name: str) -> Iterator[None]:
    """Seconds of a part, and the peak of resident memory until its end in GB."""
    began = time.monotonic()
    yield
    figures[f"{name}_s"] = round(time.monotonic() - began, 1)
    figures[f"peak_after_{name}_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2)
    print(name, figures[f"{name}_s"], "s", figures[f"peak_after_{name}_gb"], "GB", flush=True)


def write_base(layout: str, folder: Path, dtype: torch.dtype) -> None:
    """A pipeline of the published layout with random weights, one part in memory at a time; only its vocabulary is
    small."""
    torch.manual_seed(0)
    torch.set_default_dtype(dtype)
    try:
        index = {name: _written(make(), folder / name) for name, make in _parts(layout, folder).items()}
    finally:
        torch.set_default_dtype(torch.float32)
    kind = StableDiffusionInpaintPipeline if layout == "sd15" else StableDiffusionXLInpaintPipeline
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind.__name__} | index))


def _written(part: Any, folder: Path) -> tuple[str, str]:
    """Its library and class, as a pipeline's index names them."""
    part.save_pretrained(folder)
    return type(part).__module__.split(".")[0], type(part).__name__


def _parts(layout: str, folder: Path) -> dict[str, Callable[[], Any]]:
    schedule = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    parts: dict[str, Callable[[], Any]] = {
        "unet": lambda: UNet2DConditionModel(**LAYOUTS[layout]),
        "vae": lambda: AutoencoderKL(**VAE),
        "text_encoder": lambda: CLIPTextModel(_text(CLIP_L)),
        "tokenizer": lambda: _tokenizer(folder),
        "scheduler": lambda: DDIMScheduler(**schedule, clip_sample=False),
    }
    if layout != "sd15":
        parts["text_encoder_2"] = lambda: CLIPTextModelWithProjection(_text(CLIP_G))
        parts["tokenizer_2"] = parts["tokenizer"]
    return parts


def _text(sizes: dict[str, Any]) -> CLIPTextConfig:
    return CLIPTextConfig(
        **sizes, vocab_size=64, max_position_embeddings=77, bos_token_id=0, eos_token_id=1, pad_token_id=1
    )


def _tokenizer(folder: Path) -> CLIPTokenizer:
    source = folder.parent / "words"
    source.mkdir(parents=True, exist_ok=True)
    (source / "vocab.json").write_text(json.dumps({word: place for place, word in enumerate(WORDS)}))
    (source / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(source / "vocab.json"), str(source / "merges.txt"), model_max_length=77, pad_token="<|endoftext|>"
    )


def write_samples(folder: Path, size: int, *, count: int = 3) -> None:
    """A dataset of noisy pictures, the last one held out."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    with tarfile.open(folder / "0.tar", "w") as tar:
        for number in range(count):
            picture = cv2.resize(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8), (size, size))
            mask = np.zeros((size, size), np.uint8)
            mask[size // 3 : size // 2, size // 3 : size // 2] = 255
            record = {
                "key": f"{number}",
                "captions": ["a wall"],
                "kind": "product",
                "split": "held" if number == count - 1 else "train",
            }
            pictures = {"png": picture, "mask.png": mask}
            members = {ending: cv2.imencode(".png", one)[1].tobytes() for ending, one in pictures.items()}
            members["json"] = json.dumps(record).encode()
            for ending, data in members.items():
                info = tarfile.TarInfo(f"{number}.{ending}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    shard = ShardEntry(path="0.tar", sha256="0" * 64, size=1, samples=count)
    manifest = DatasetManifest(name="full", version="1", kind="product", created=datetime.now(UTC), shards=(shard,))
    (folder / MANIFEST).write_text(manifest.model_dump_json())


def main() -> None:
    """Walk one layout and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layout", choices=sorted(LAYOUTS))
    parser.add_argument("--size", type=int, default=256, help="pixels")
    parser.add_argument("--frozen", choices=("float32", "bfloat16"), default="float32")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="full-size-") as folder:
        print(json.dumps(walked(given.layout, Path(folder), size=given.size, frozen=given.frozen), indent=1))


if __name__ == "__main__":
    main()
