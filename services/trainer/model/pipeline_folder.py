"""A base model's folder: an inpaint pipeline in the diffusers layout, of SD or SDXL, in safetensors."""

from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline, StableDiffusionInpaintPipeline, StableDiffusionXLInpaintPipeline

LAYOUTS = (StableDiffusionInpaintPipeline, StableDiffusionXLInpaintPipeline)


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
