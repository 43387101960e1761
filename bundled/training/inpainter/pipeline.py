"""The untrained UNet, and the model folder: a diffusers inpaint pipeline in fp16 safetensors, written whole or not."""

import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from bundled.training.inpainter import text
from services.trainer.model.diffusion import NOISE


def new_unet(
    *, channels: tuple[int, int, int] = (96, 128, 192), text_width: int = 192, groups: int = 16, sample_size: int = 24
) -> UNet2DConditionModel:
    """An untrained 9-in, 4-out UNet in the diffusers format; 11.9 M parameters with the default channels."""
    return UNet2DConditionModel(
        sample_size=sample_size,
        in_channels=9,
        out_channels=4,
        block_out_channels=channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text_width,
        norm_num_groups=groups,
        attention_head_dim=tuple(max(1, c // 32) for c in channels),  # for this class the number of heads
    )


def sampling_schedule() -> DDIMScheduler:
    """The schedule that is saved with the pipeline."""
    return DDIMScheduler(**NOISE, set_alpha_to_one=True)


def write_folder(
    out: Path, vae: AutoencoderKL, encoder: CLIPTextModel, tokenizer: CLIPTokenizer, unet: UNet2DConditionModel
) -> None:
    """Save the four parts; files of an older version are replaced one by one by renames, a model card there is kept."""
    pipeline = StableDiffusionInpaintPipeline(
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=sampling_schedule(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    draft = out.with_name(out.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    pipeline.to(torch.float16).save_pretrained(draft, safe_serialization=True)
    text.save_tokenizer(tokenizer, draft / "tokenizer")
    for config in draft.glob("*/config.json"):
        _without_origin(config)
    for path in sorted(draft.rglob("*")):
        if path.is_file():
            target = out / path.relative_to(draft)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.chmod(0o644)  # safetensors are written for their owner alone
            path.replace(target)
    shutil.rmtree(draft)


def _without_origin(config: Path) -> None:
    """No folder of the machine that made it."""
    told = json.loads(config.read_text())
    told.pop("_name_or_path", None)
    config.write_text(json.dumps(told, indent=2) + "\n")
