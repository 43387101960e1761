"""What a painter is loaded from: a pipeline's folder, its scheduler, a LoRA's file. Nothing in them runs code."""

import json
from collections.abc import Mapping
from typing import Any

import torch
from diffusers import DDIMScheduler, DiffusionPipeline, DPMSolverMultistepScheduler
from diffusers.utils import logging
from safetensors.torch import load as load_safetensors
from torch import Tensor, nn

from shared.contracts.errors import BadRequest

AXES = {"A.weight": 1, "B.weight": 0}  # of a LoRA's matrices, which a layer's own weight has as well
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


def check_fits(state: Mapping[str, Tensor], unet: nn.Module) -> None:
    """Raises BadRequest (`lora_does_not_fit`) for a LoRA of a UNet with other layers, or layers of another width."""
    shapes = {
        name.replace(".base_layer", ""): weight.shape
        for name, module in unet.named_modules()
        if isinstance(weight := getattr(module, "weight", None), Tensor)
    }
    for key in sorted(key for key in state if key.startswith("unet.")):
        layer, _, side = key.removeprefix("unet.").partition(".lora_")
        if layer not in shapes:
            raise BadRequest("lora_does_not_fit", f"the model has no layer {layer} that this LoRA changes")
        axis = AXES.get(side)
        if axis is not None and state[key].shape[axis] != shapes[layer][axis]:
            raise BadRequest(
                "lora_does_not_fit", f"{layer} was of another width when this LoRA was made; train it anew"
            )
