"""Our passes through a LoRA's layers are peft's: same outputs, same gradients."""

import pytest
import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn

from services.trainer.model import lora, lora_layers
from services.trainer.model.lora_layers import LeanConv2d, LeanLinear
from services.trainer.model.short_attention import attend_shortly
from shared.model.precision import autocast, computes_bfloat16
from tests.fakes.tiny_inpainter import tiny_unet


@pytest.fixture
def ours() -> UNet2DConditionModel:
    """A UNet that wears a LoRA of ours which has learnt something."""
    torch.manual_seed(0)
    unet = tiny_unet()
    lora.add(unet, 3)
    with torch.no_grad():
        for parameter in unet.parameters():
            if parameter.requires_grad:
                parameter.normal_(0, 0.1)
    return unet


def as_peft_wears_it(ours: UNet2DConditionModel, alpha: int = 3) -> UNet2DConditionModel:
    """The same weights in peft's own layers."""
    torch.manual_seed(0)
    unet = tiny_unet().requires_grad_(False)
    unet.add_adapter(LoraConfig(r=3, lora_alpha=alpha, target_modules=lora.every_layer(unet)))
    outcome = set_peft_model_state_dict(unet, get_peft_model_state_dict(ours))
    assert not outcome.unexpected_keys
    assert not any("lora_" in key for key in outcome.missing_keys)
    return unet


def answer(unet: UNet2DConditionModel, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """What it says of a fixed input, and the gradients of all that learns, one after the other."""
    numbers = torch.Generator().manual_seed(1)
    sample = torch.randn((3, 9, 8, 8), generator=numbers).to(dtype)
    text = torch.randn((3, 5, 16), generator=numbers).to(dtype)
    found = unet(sample, torch.tensor([1, 500, 900]), encoder_hidden_states=text).sample
    found.square().mean().backward()
    slopes = [one.grad.flatten() for _, one in sorted(unet.named_parameters()) if one.grad is not None]
    return found.detach(), torch.cat(slopes)


def apart(found: Tensor, wanted: Tensor) -> float:
    """Relative distance of two vectors."""
    return float((found - wanted).norm() / wanted.norm())


def test_outputs_and_gradients_are_those_of_peft(ours: UNet2DConditionModel) -> None:
    """In double precision, where no processor's rounding hides a difference."""
    theirs = as_peft_wears_it(ours).double()
    found, slopes = answer(ours.double(), torch.float64)
    wanted, wanted_slopes = answer(theirs, torch.float64)
    assert apart(found, wanted) < 1e-10
    assert apart(slopes, wanted_slopes) < 1e-10


def test_convolutions_by_points_are_those_of_peft(ours: UNet2DConditionModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Winograd's way, which layers as small as these do not take by themselves."""
    monkeypatch.setattr(lora_layers, "FEWEST_CHANNELS", 1)
    monkeypatch.setattr(lora_layers, "FEWEST_CELLS", 1)
    attend_shortly(ours)
    assert ours.conv_in(torch.ones(1, 9, 8, 8)).grad_fn.name() == "_ConvolutionByPointsBackward"
    theirs = as_peft_wears_it(ours).double()
    found, slopes = answer(ours.double(), torch.float64)
    wanted, wanted_slopes = answer(theirs, torch.float64)
    assert apart(found, wanted) < 1e-10
    assert apart(slopes, wanted_slopes) < 1e-10


@pytest.mark.parametrize(
    ("channels", "cells", "by_points"), [(64, 12, True), (32, 12, False), (64, 4, False), (64, 14, False)]
)
def test_only_wide_layers_on_large_pictures_of_whole_tiles_go_by_points(
    channels: int, cells: int, by_points: bool
) -> None:
    layer = nn.Conv2d(channels, channels, 3, padding=1)
    x = torch.zeros(4, channels, cells, cells)
    assert lora_layers._by_points(layer, x) == by_points
    assert not lora_layers._by_points(layer, x.bfloat16())
    assert not lora_layers._by_points(nn.Conv2d(channels, channels, 3, stride=2, padding=1), x)


def test_a_scale_counts_in_outputs_and_gradients(ours: UNet2DConditionModel) -> None:
    """alpha twice the rank: the LoRA counts double."""
    for layer in ours.modules():
        if isinstance(layer, LoraLayer):
            layer.scaling["default"] = 2.0
    theirs = as_peft_wears_it(ours, alpha=6).double()
    found, slopes = answer(ours.double(), torch.float64)
    wanted, wanted_slopes = answer(theirs, torch.float64)
    assert apart(found, wanted) < 1e-10
    assert apart(slopes, wanted_slopes) < 1e-10


def test_every_layer_takes_our_way_and_leaves_it_for_what_is_not_plain(ours: UNet2DConditionModel) -> None:
    """A frozen base in half precision, or a LoRA switched off, is peft's business."""
    layers = [module for module in ours.modules() if isinstance(module, LoraLayer)]
    assert {type(layer) for layer in layers} == {LeanLinear, LeanConv2d}
    layer, rows = next(one for one in layers if isinstance(one, LeanLinear)), torch.ones(2, 8)
    assert layer(rows).grad_fn.name() == "_LinearBackward"
    ours.disable_adapters()
    assert layer(rows).grad_fn is None
    ours.enable_adapters()
    layer.get_base_layer().to(torch.bfloat16)
    assert layer(rows.to(torch.bfloat16)).grad_fn.name() != "_LinearBackward"


def test_activations_that_are_computed_twice_give_the_same_gradients(ours: UNet2DConditionModel) -> None:
    """Checkpointing runs our passes again, backwards."""
    wanted = answer(ours)[1]
    ours.zero_grad()
    ours.enable_gradient_checkpointing()
    ours.train()
    assert apart(answer(ours)[1], wanted) < 1e-5


@pytest.mark.skipif(not computes_bfloat16(torch.device("cpu")), reason="this processor has no units for bfloat16")
def test_in_bfloat16_they_are_as_near_to_full_precision_as_those_of_peft(ours: UNet2DConditionModel) -> None:
    """Attention spelled out among them, which is chosen there alone."""
    theirs, exact = as_peft_wears_it(ours), answer(as_peft_wears_it(ours))[1]
    attend_shortly(ours)
    with autocast("cpu", "bfloat16"):
        found, wanted = answer(ours)[1], answer(theirs)[1]
    assert apart(found, exact) < 2 * apart(wanted, exact)
