"""The model folder: a diffusers StableDiffusionInpaintPipeline in fp16 safetensors, written whole or not at all."""

import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionInpaintPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from services.trainer.model import diffusion, text


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


def read_folder(folder: Path) -> StableDiffusionInpaintPipeline:
    """The pipeline of a model folder in float32, without a progress bar; OSError or ValueError if it is none."""
    pipeline = StableDiffusionInpaintPipeline.from_pretrained(
        str(folder), safety_checker=None, torch_dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
