"""The model folder: a diffusers StableDiffusionInpaintPipeline in fp16 safetensors, written whole or not at all."""

import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DiffusionPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTokenizer

from services.trainer.model import diffusion, text

LAYOUTS = (StableDiffusionInpaintPipeline, StableDiffusionXLInpaintPipeline)


def write_folder(
    out: Path, vae: AutoencoderKL, encoder: CLIPTextModel, tokenizer: CLIPTokenizer, unet: UNet2DConditionModel
) -> None:
    """Save the four parts; files of an older version are replaced one by one by renames, a model card there is kept."""
    pipeline = StableDiffusionInpaintPipeline(
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=diffusion.sampling_schedule(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    draft = out.with_name(out.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    pipeline.to(torch.float16).save_pretrained(draft, safe_serialization=True)
    text.save_tokenizer(tokenizer, draft / "tokenizer")
    for path in sorted(draft.rglob("*")):
        if path.is_file():
            target = out / path.relative_to(draft)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.chmod(0o644)  # safetensors are written for their owner alone
            path.replace(target)
    shutil.rmtree(draft)


def read_folder(folder: Path) -> Any:
    """The pipeline that the folder's model_index.json names, in float32, without a progress bar.

    Only safetensors are read: a pickle could run code. Raises OSError or ValueError if it is no inpaint model.
    """
    named = DiffusionPipeline.load_config(str(folder)).get("_class_name")
    layout = next((layout for layout in LAYOUTS if layout.__name__ == named), None)
    if layout is None:
        raise ValueError(
            f"its model_index.json names {named}; {' and '.join(each.__name__ for each in LAYOUTS)} are known"
        )
    unchecked = {"safety_checker": None} if layout is StableDiffusionInpaintPipeline else {}
    pipeline = layout.from_pretrained(str(folder), torch_dtype=torch.float32, use_safetensors=True, **unchecked)
    if getattr(pipeline.config, "requires_aesthetics_score", False):
        raise ValueError("it is a refiner, which is conditioned on an aesthetics score")
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
