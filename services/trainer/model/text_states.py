"""What a base's own text encoders say of a caption, each caption encoded once: one encoder for SD, two for SDXL.

Shapes: K captions, L tokens of one encoder, E encoders, D width of all states, P width of the pooled state.
"""

from typing import Any

import torch
from torch import Tensor

from services.trainer.model.text import token_ids


class TextStates:
    """`states` of ids that `tokens` made; both encoders' ids stand side by side in one row."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        found = [(f"tokenizer{number}", f"text_encoder{number}") for number in ("", "_2")]
        self.parts: list[tuple[Any, Any]] = [
            (getattr(pipeline, tokenizer), getattr(pipeline, encoder))
            for tokenizer, encoder in found
            if getattr(pipeline, tokenizer, None) is not None
        ]
        self.device = device
        self.known: dict[bytes, dict[str, Tensor]] = {}

    def tokens(self, texts: list[str]) -> Tensor:
        """(K, E*L) ids, padded and cut exactly as the diffusers pipelines do it."""
        return torch.cat([token_ids(tokenizer, texts) for tokenizer, _ in self.parts], 1)

    @torch.no_grad()
    def states(self, ids_EL: Tensor) -> dict[str, Tensor]:
        """`text` (L, D); with two encoders their last states but one side by side, and `pooled` (P,) of the second."""
        key = ids_EL.numpy().tobytes()
        if key not in self.known:
            self.known[key] = self._encoded(ids_EL)
        return self.known[key]

    def _encoded(self, ids_EL: Tensor) -> dict[str, Tensor]:
        rows = [ids_1L.to(self.device) for ids_1L in ids_EL[None].chunk(len(self.parts), 1)]
        if len(self.parts) == 1:
            return {"text": self.parts[0][1](rows[0]).last_hidden_state[0]}
        outputs = [
            encoder(ids_1L, output_hidden_states=True) for (_, encoder), ids_1L in zip(self.parts, rows, strict=True)
        ]
        text_LD = torch.cat([output.hidden_states[-2][0] for output in outputs], -1)
        return {"text": text_LD, "pooled": outputs[-1][0][0]}
