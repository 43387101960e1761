"""A LoRA on every layer."""

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import nn

from benchmarks.full_size import LAYOUTS
from bundled.training.inpainter.pipeline import new_unet
from services.trainer.model import lora


def test_a_lora_covers_all_layers_of_the_bundled_size():
    unet = new_unet()
    layers = sum(isinstance(module, nn.Linear | nn.Conv2d) for module in unet.modules())
    lora.add(unet, 2)
    assert lora.layer_count(unet) == layers == 133


@pytest.mark.parametrize(("layout", "layers"), [("sd15", 282), ("sdxl", 794)])
def test_a_lora_covers_all_layers_of_the_published_layouts(layout: str, layers: int) -> None:
    """On the real classes at full size, without their weights."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(**LAYOUTS[layout])
        lora.add(unet, 4)
    assert lora.layer_count(unet) == layers
