"""What a painter is loaded from: a pipeline's folder, its scheduler, a LoRA's file. Nothing in them runs code."""

import json
from typing import Any

import torch
from diffusers import DDIMScheduler, DiffusionPipeline, DPMSolverMultistepScheduler
from diffusers.utils import logging
from safetensors.torch import load as load_safetensors
from torch import Tensor

from shared.contracts.errors import BadRequest

SCHEDULERS = {"dpm": DPMSolverMultistepScheduler, "ddim": DDIMScheduler}


def pipeline(model: str, dtype: torch.dtype) -> Any:
    """The pipeline that the folder's model_index.json names; only safetensors, nothing that runs code."""
    logging.disable_progress_bar()
    return DiffusionPipeline.from_pretrained(
        model, dtype=dtype, use_safetensors=True, safety_checker=None, requires_safety_checker=False
    )


def sampler(scheduler: Any, name: str) -> Any:
    """A checkpoint's own scheduler as one of those that we sample with."""
    extra = {"algorithm_type": "dpmsolver++", "solver_order": 2} if name == "dpm" else {}
    return SCHEDULERS[name].from_config(scheduler.config, **extra)


def lora_state(weights: bytes) -> tuple[dict[str, Tensor], str]:
    """The LoRA's tensors, and the words of its task that stood before every caption when it was trained.

    Raises BadRequest for what is no safetensors file.
    """
    try:
        state = dict(load_safetensors(weights))
        header = json.loads(weights[8 : 8 + int.from_bytes(weights[:8], "little")])
    except Exception as error:
        raise BadRequest("lora_broken", f"the promoted weights are not a safetensors file: {error}") from error
    return state, str(header.get("__metadata__", {}).get("task", ""))


def layer_of(key: str) -> str:
    """The layer of the UNet that a tensor of a LoRA changes."""
    return key.removeprefix("unet.").split(".lora_")[0]
