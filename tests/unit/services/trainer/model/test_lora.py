"""A LoRA on every layer."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from benchmarks.models.full_size import LAYOUTS
from bundled.training.inpainter.pipeline import new_unet
from services.trainer.model import lora
from tests.fakes.tiny_inpainter import tiny_unet


def test_a_lora_covers_all_layers_of_the_bundled_size():
    unet = new_unet()
    layers = sum(isinstance(module, nn.Linear | nn.Conv2d) for module in unet.modules())
    lora.add(unet, 2)
    assert lora.layer_count(unet) == layers == 133


SD2 = LAYOUTS["sd15"] | {
    "cross_attention_dim": 1024,
    "attention_head_dim": (5, 10, 20, 20),
    "use_linear_projection": True,
}


@pytest.mark.parametrize(
    ("layout", "layers"), [(LAYOUTS["sd15"], 282), (SD2, 282), (LAYOUTS["sdxl"], 794)], ids=["sd15", "sd2", "sdxl"]
)
def test_a_lora_covers_all_layers_of_the_published_layouts(layout: dict[str, Any], layers: int) -> None:
    """On the real classes at full size, without their weights."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(**layout)
        lora.add(unet, 4)
    assert lora.layer_count(unet) == layers


def test_equal_weights_are_equal_bytes_since_a_revision_is_named_by_them(tmp_path: Path) -> None:
    unet = tiny_unet()
    lora.add(unet, 1)
    pipeline = SimpleNamespace(unet=unet)
    written = {lora.save(pipeline, tmp_path, task="Fond d’été:").read_bytes() for _ in range(10)}
    assert len(written) == 1
    with safe_open(tmp_path / lora.FILE, "pt") as file:
        assert file.metadata() == {"format": "pt", "task": "Fond d’été:"} and len(list(file.keys())) > 2


def test_a_pickle_and_a_lora_of_another_layout_are_refused_by_name(tmp_path: Path) -> None:
    pickled, other = tmp_path / "lora.safetensors", tmp_path / "other.safetensors"
    torch.save({"unet.conv_in.lora_A.weight": torch.zeros(2, 9, 3, 3)}, pickled)
    save_file({"unet.conv_in.lora_A.weight": torch.zeros(2, 4, 3, 3)}, other)
    for start in (pickled, other, tmp_path / "nothing"):
        with pytest.raises(lora.LostLayers) as refused:
            lora.add(tiny_unet(), 2, start=start)
        assert refused.value.reason == "lora_does_not_fit"
