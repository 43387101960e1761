"""Attention of a training on a CPU in bfloat16: with few tokens, two products and a softmax beat the fused kernel.

With many, scores would fill memory, and in float32 torch's kernel is as good: there it stays. Cells, tokens and what a
block gates lie in rows, in any precision. The mathematics are the same.
"""

from typing import Any

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.activations import GEGLU
from diffusers.models.attention_processor import Attention, AttnProcessor, AttnProcessor2_0
from torch import Tensor, nn
from torch.nn import functional

from shared.model.precision import learns_in_bfloat16

MOST_SCORES = 32_000_000  # of all heads and samples: 64 MB in bfloat16


class ShortAttention(AttnProcessor2_0):
    """diffusers' two ways of attention, chosen anew for each call."""

    def __init__(self) -> None:
        super().__init__()
        self.spelled_out = AttnProcessor()

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Tensor:
        """(B, L, D) as both of them."""
        seen = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        scores = attn.heads * len(hidden_states) * hidden_states.shape[1] * seen.shape[1]
        way = self.spelled_out if scores <= MOST_SCORES and learns_in_bfloat16(hidden_states) else super().__call__
        found: Tensor = way(attn, hidden_states, encoder_hidden_states, *args, **kwargs)
        return found


def attend_shortly(unet: UNet2DConditionModel) -> None:
    """Let the UNet choose, and its layers work on rows; what it paints stays the same."""
    unet.set_attn_processor(ShortAttention())
    unet.register_forward_pre_hook(_cells_in_rows)
    for part in unet.modules():
        if isinstance(part, GEGLU):
            part.gelu = _gelu_in_rows


def _cells_in_rows(unet: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """On a CPU the channels of a cell lie together from the first layer on, so that tokens are views of a picture."""
    if not given or given[0].device.type != "cpu":
        return given
    return given[0].contiguous(memory_format=torch.channels_last), *given[1:]


def _gelu_in_rows(gate: Tensor) -> Tensor:
    """The gate comes as half of each row: gathered first, the curve and its slope take half the time."""
    return functional.gelu(gate.contiguous())
