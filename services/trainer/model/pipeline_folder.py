"""The model folder: a diffusers StableDiffusionInpaintPipeline in fp16 safetensors."""

from pathlib import Path

import torch
from diffusers import StableDiffusionInpaintPipeline


def read_folder(folder: Path) -> StableDiffusionInpaintPipeline:
    """The pipeline of a model folder in float32, without a progress bar; OSError or ValueError if it is none."""
    pipeline = StableDiffusionInpaintPipeline.from_pretrained(
        str(folder), safety_checker=None, torch_dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
