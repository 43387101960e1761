"""What a base's own text encoders say of a caption, each caption encoded once: one encoder for SD, two for SDXL.

Shapes: B captions, L tokens, D width of all states, P width of the pooled state.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from services.trainer.model.lessons.shelf import Shelf
from services.trainer.model.lessons.text import token_ids

AT_ONCE = 16  # captions encoded in one pass


class TextStates:
    """Captions are learnt with `learn` and then known by their words; they lie in files below `folder`, in half
    precision, so that the encoders may go before the training begins."""

    def __init__(self, pipeline: Any, device: torch.device, folder: Path) -> None:
        found = [(f"tokenizer{number}", f"text_encoder{number}") for number in ("", "_2")]
        self.parts: list[tuple[Any, Any]] = [
            (getattr(pipeline, tokenizer), getattr(pipeline, encoder))
            for tokenizer, encoder in found
            if getattr(pipeline, tokenizer, None) is not None
        ]
        self.device, self.folder = device, folder
        self.places: dict[str, int] = {}
        self.shelves: dict[str, Shelf] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Encode those that are not known yet."""
        new = [text for text in dict.fromkeys(texts) if text not in self.places]
        for start in range(0, len(new), AT_ONCE):
            self._keep(new[start : start + AT_ONCE])

    def states(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """`text` (B, L, D); with two encoders their last states but one side by side, and `pooled` (B, P) of the
        second. Every text was learnt before."""
        numbers = [self.places[text] for text in texts]
        return {name: torch.from_numpy(shelf.take(numbers)).float() for name, shelf in self.shelves.items()}

    def forget_encoders(self) -> None:
        """Give the encoders' memory back; nothing more can be learnt."""
        self.parts = []

    def _keep(self, texts: list[str]) -> None:
        rows = self._encoded(texts)
        for name, states in rows.items():
            if name not in self.shelves:
                self.shelves[name] = Shelf(self.folder / f"{name}.f16", tuple(states.shape[1:]), "float16")
        for k, text in enumerate(texts):
            places = [self.shelves[name].put(states[k].float().cpu().numpy()) for name, states in rows.items()]
            self.places[text] = places[0]

    @torch.no_grad()
    def _encoded(self, texts: list[str]) -> dict[str, Tensor]:
        ids = [token_ids(tokenizer, texts).to(self.device) for tokenizer, _ in self.parts]
        if len(self.parts) == 1:
            return {"text": self.parts[0][1](ids[0]).last_hidden_state}
        outputs = [
            encoder(ids_BL, output_hidden_states=True) for (_, encoder), ids_BL in zip(self.parts, ids, strict=True)
        ]
        text_BLD = torch.cat([output.hidden_states[-2] for output in outputs], -1)
        return {"text": text_BLD, "pooled": outputs[-1][0]}
