"""A LoRA on every Linear and Conv2d of the UNet: one dial (rank), saved so that diffusers reads all of it back.

Pitfall, measured: `convert_state_dict_to_diffusers` before saving renames the attention keys alone, and the
pipeline's loader then
silently drops them (77 of 133 layers came back). So the state dict is saved as peft gives it, and `verified` reads
it back.
"""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from services.trainer.model.lora_layers import LEAN
from shared.contracts.errors import PromiseBroken

FILE = "pytorch_lora_weights.safetensors"
PREFIX = "unet."


class LostLayers(PromiseBroken):
    """The saved file does not give back the LoRA that was trained, or does not fit the UNet."""

    def __init__(self, message: str) -> None:
        super().__init__("lora_does_not_fit", message)


def every_layer(unet: UNet2DConditionModel) -> list[str]:
    """Names of all Linear and Conv2d modules, attention or not."""
    return [name for name, module in unet.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)]


def add(unet: UNet2DConditionModel, rank: int, *, start: Path | None = None) -> list[nn.Parameter]:
    """Freeze the UNet, put a LoRA of that rank (alpha = rank) on every layer, return its parameters.

    `start`: LoRA weights to go on from; their rank is taken then. Raises LostLayers if they do not fit this UNet.
    """
    weights = {k.removeprefix(PREFIX): v for k, v in _read(start).items()} if start else {}
    rank = next((v.shape[0] for k, v in weights.items() if k.endswith("lora_A.weight")), rank)
    unet.requires_grad_(False)
    wanted = LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=every_layer(unet))
    wanted._register_custom_module(LEAN)
    unet.add_adapter(wanted)
    _cast(unet, torch.float32)  # peft gives them their layer's type: in half precision small steps would be lost
    if weights:
        _continue(unet, weights)
    return [parameter for parameter in unet.parameters() if parameter.requires_grad]


def _cast(unet: UNet2DConditionModel, dtype: torch.dtype) -> None:
    """The LoRA's own weights; what it lies on stays as it is."""
    for layer in unet.modules():
        if isinstance(layer, LoraLayer):
            for halves in (layer.lora_A, layer.lora_B):
                halves.to(dtype)


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:  # a pickle among them: nothing in it is run
        raise LostLayers(f"the LoRA to continue from is no safetensors file: {error}") from error


def _continue(unet: UNet2DConditionModel, weights: dict[str, Tensor]) -> None:
    try:
        outcome = set_peft_model_state_dict(unet, weights)
    except RuntimeError as error:  # shapes
        raise LostLayers(f"LoRA to continue from is one of another layout: {str(error)[:300]}") from error
    missing = [key for key in outcome.missing_keys if "lora_" in key]
    if outcome.unexpected_keys or missing:
        raise LostLayers(
            f"LoRA to continue from does not fit: {len(outcome.unexpected_keys)} unknown, {len(missing)} missing keys"
        )


def layer_count(unet: UNet2DConditionModel) -> int:
    """How many modules carry a LoRA."""
    return sum(isinstance(module, LoraLayer) for module in unet.modules())


def save(pipeline: Any, folder: Path, *, task: str = "") -> Path:
    """Write the LoRA of the pipeline's UNet as safetensors in diffusers' layout; returns the file.

    `task`: the words before every caption, which its painter has to say as well; they are kept in the file's head.
    """
    folder.mkdir(parents=True, exist_ok=True)
    layers = {f"{PREFIX}{name}": part.contiguous() for name, part in get_peft_model_state_dict(pipeline.unet).items()}
    save_file(layers, folder / FILE, metadata={"format": "pt", "task": task})
    _order_head(folder / FILE)
    return folder / FILE


def _order_head(path: Path) -> None:
    """Sort what a safetensors file says of itself: the library writes it in any order, and its bytes are its name."""
    with path.open("r+b") as file:
        length = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(length))
        head["__metadata__"] = dict(sorted(head["__metadata__"].items()))
        said = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        if len(said) > length:
            raise PromiseBroken("head_too_long", f"the head of {path.name} cannot be put in order")
        file.seek(8)
        file.write(said.ljust(length))


@torch.no_grad()
def verified(pipeline: Any, weights: Path, *, tolerance: float = 1e-4) -> float:
    """Take the LoRA off the pipeline's UNet, put on what `weights` holds as a reader would, and compare the outputs.

    Returns the largest difference; the pipeline wears what was read, in the type of its layers. No second base is
    loaded: it may be 10 GB.
    Raises LostLayers if layers are missing or the output differs by more than `tolerance`.
    """
    unet = pipeline.unet
    _cast(unet, unet.dtype)
    expected, inputs = layer_count(unet), probe(unet)
    before = unet(**inputs).sample.float()
    unet.unload_lora()
    pipeline.load_lora_weights(weights.parent, weight_name=weights.name)
    found, difference = layer_count(unet), float((before - unet(**inputs).sample.float()).abs().max())
    if found != expected or not difference <= tolerance:
        raise LostLayers(f"{weights.name}: {found} of {expected} layers came back, output differs by {difference:.2g}")
    return difference


def probe(unet: UNet2DConditionModel) -> dict[str, Any]:
    """Inputs of a fixed seed that fit the UNet, small enough for any machine."""
    numbers = torch.Generator().manual_seed(0)
    weight, config = next(unet.parameters()), unet.config
    probe: dict[str, Any] = {
        "sample": torch.randn((1, config.in_channels, 16, 16), generator=numbers).to(weight),
        "timestep": torch.tensor([500], device=weight.device),
        "encoder_hidden_states": torch.randn((1, 8, config.cross_attention_dim), generator=numbers).to(weight),
    }
    if config.addition_embed_type == "text_time":
        width = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        pooled = torch.randn((1, width), generator=numbers).to(weight)
        probe["added_cond_kwargs"] = {"text_embeds": pooled, "time_ids": weight.new_zeros(1, 6)}
    return probe
