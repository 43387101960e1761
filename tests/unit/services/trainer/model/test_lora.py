"""A LoRA on every layer."""

from torch import nn

from bundled.training.inpainter.pipeline import new_unet
from services.trainer.model import lora


def test_a_lora_covers_all_layers_of_the_bundled_size():
    unet = new_unet()
    layers = sum(isinstance(module, nn.Linear | nn.Conv2d) for module in unet.modules())
    lora.add(unet, 2)
    assert lora.layer_count(unet) == layers == 133
