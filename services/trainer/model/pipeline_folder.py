"""A base model's folder: a pipeline in the diffusers layout, of SD or SDXL, in safetensors; to inpaint or from text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import (
    DiffusionPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from torch import nn

from shared.contracts.errors import Permanent

Channels = Literal[4, 9]  # of the UNet's input: noisy latents; and mask and masked picture beside them


@dataclass(frozen=True)
class Family:
    """One layout in its two kinds."""

    text_to_image: type[Any]
    inpaint: type[Any]

    def kind(self, channels: Channels) -> type[Any]:
        """The pipeline that a UNet of so many channels belongs into."""
        return self.inpaint if channels == 9 else self.text_to_image


FAMILIES = (
    Family(StableDiffusionPipeline, StableDiffusionInpaintPipeline),
    Family(StableDiffusionXLPipeline, StableDiffusionXLInpaintPipeline),
)
KINDS = {kind.__name__: family for family in FAMILIES for kind in (family.text_to_image, family.inpaint)}
WEIGHTS = "diffusion_pytorch_model"


def read_base(
    folder: Path, channels: Channels, *, dtype: torch.dtype = torch.float32, seed: int = 0, exactly: bool = False
) -> Any:
    """The pipeline in `folder` (or of that hub id) with a UNet of so many input channels.

    A UNet of the other kind is adapted: new channels begin at zero, as SD's own inpainting models began. A folder whose
    `unet` holds a configuration and no weights is a layout: its weights are drawn from `seed`. `exactly` allows
    neither. Raises Permanent (`base_unreadable`, `base_not_inpaint`) for anything else; only safetensors are read, as
    a pickle could run code.
    """
    try:
        pipeline = _read(folder, channels, dtype, seed, exactly)
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as problem:
        words = f"`{folder}` is no diffusers model of SD's or SDXL's layout: {str(problem)[:500]}"
        raise Permanent("base_unreadable", words) from problem
    found = pipeline.unet.config.in_channels
    if found != channels:
        if exactly or found not in (4, 9):
            words = (
                f"`{folder}` takes {found} channels; {channels} are needed: `backdrop train inpaint` makes a base of 9"
            )
            raise Permanent("base_not_inpaint", words)
        adapt(pipeline.unet, channels)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def adapt(unet: UNet2DConditionModel, channels: Channels) -> None:
    """Let the UNet take so many channels: the first four stay as they are, what is added begins at zero."""
    old = unet.conv_in
    new = nn.Conv2d(channels, old.out_channels, old.kernel_size, padding=old.padding, dtype=old.weight.dtype)
    common = min(channels, old.in_channels)
    with torch.no_grad():
        new.weight.zero_()
        new.weight[:, :common] = old.weight[:, :common]
        if new.bias is not None and old.bias is not None:
            new.bias.copy_(old.bias)
    unet.conv_in = new
    unet.register_to_config(in_channels=channels)


def _read(folder: Path, channels: Channels, dtype: torch.dtype, seed: int, exactly: bool) -> Any:
    named = str(DiffusionPipeline.load_config(str(folder)).get("_class_name"))
    if named not in KINDS:
        raise ValueError(f"its model_index.json names {named}; {', '.join(KINDS)} are known")
    kind = KINDS[named].kind(channels)
    given: dict[str, Any] = {"dtype": dtype, "use_safetensors": True}
    if "XL" not in named:
        given |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    if not exactly and _is_layout(folder):
        torch.manual_seed(seed)
        given["unet"] = UNet2DConditionModel.from_config(folder / "unet").to(dtype)
    pipeline = kind.from_pretrained(str(folder), **given)
    if getattr(pipeline.config, "requires_aesthetics_score", False):
        raise ValueError("it is a refiner, which is conditioned on an aesthetics score")
    return pipeline


def _is_layout(folder: Path) -> bool:
    unet = folder / "unet"
    return (unet / "config.json").is_file() and not list(unet.glob(f"{WEIGHTS}*")) and not list(unet.glob("*.bin"))
