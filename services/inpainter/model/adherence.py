"""Does the background show what was asked? A small attribute probe reads it; the prompt is its measure.

The probe is a transformers ResNet over six channels: the picture with its product greyed out (3), the product's mask,
and the row and column of each pixel, so that wood below and wood behind, light from the left and from the right differ.
Its logits are grouped by attribute; each group is a distribution over the labels that it knows. Colours of walls and
surfaces are measured.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import ResNetForImageClassification

from services.inpainter.prompt.parsing import parse_prompt
from services.inpainter.prompt.scene_attributes import SceneAttributes
from services.inpainter.scoring.colour import colour_agreements
from shared.contracts.images import Pixels
from shared.contracts.vocabulary import PASSES_FOR

SIZE = 128
GREY = 127
COUNTED = ("surface", "backdrop", "light_colour", "light_direction")  # hardness is read too unsurely to count
NEUTRAL = 0.5  # nothing was asked that the probe knows


class Probe:
    """Reads surface, backdrop and light off a background."""

    def __init__(self, folder: str | Path) -> None:
        """`folder`: a model that `bundled.training.probe` wrote; raises OSError when there is none."""
        self._model = ResNetForImageClassification.from_pretrained(str(folder), dtype=torch.float32).eval()
        names = [str(self._model.config.id2label[at]) for at in range(self._model.config.num_labels)]
        self._places: dict[str, dict[str, int]] = {}
        for at, name in enumerate(names):
            attribute, _, label = name.partition("=")
            self._places.setdefault(attribute, {})[label] = at

    def score(self, mask: Pixels, outputs: Sequence[Pixels], prompts: Sequence[str]) -> list[float]:
        """For each output (H, W, 3) and its prompt: mean probability of what was asked; 0.5 if nothing is known."""
        scores = []
        for output, seen, prompt in zip(outputs, self.read(mask, outputs), prompts, strict=True):
            asked = parse_prompt(prompt)
            agreements = [*self._agreements(asked, seen), *colour_agreements(output, mask, asked)]
            scores.append(float(np.mean(agreements)) if agreements else NEUTRAL)
        return scores

    def read(self, mask: Pixels, outputs: Sequence[Pixels]) -> list[dict[str, dict[str, float]]]:
        """For each output: attribute -> label -> probability. `mask` (H, W), 255 = product, is shared by all."""
        if not outputs:
            return []
        inputs_BCHW = torch.from_numpy(np.stack([looked_at(output, mask) for output in outputs]))
        with torch.inference_mode():
            logits_BK = self._model(pixel_values=inputs_BCHW).logits.float()
        return [self._grouped(logits_K) for logits_K in logits_BK]

    def _grouped(self, logits_K: Tensor) -> dict[str, dict[str, float]]:
        groups = {}
        for attribute, places in self._places.items():
            chances = torch.softmax(logits_K[list(places.values())], 0)
            groups[attribute] = dict(zip(places, chances.tolist(), strict=True))
        return groups

    def _agreements(self, attributes: SceneAttributes, seen: Mapping[str, Mapping[str, float]]) -> list[float]:
        return [
            sum(seen[attribute].get(label, 0.0) for label in accepted)
            for attribute, asked in attributes.asked().items()
            if attribute in COUNTED and attribute in seen and (accepted := self._accepted(attribute, asked))
        ]

    def _accepted(self, attribute: str, asked: str) -> frozenset[str]:
        """The labels of the probe that answer what was asked; empty for what it cannot check."""
        passing = PASSES_FOR.get(attribute, {}).get(asked, frozenset())
        return (passing | {asked}) & self._places[attribute].keys()


def looked_at(picture: Pixels, mask: Pixels) -> NDArray[np.float32]:
    """The six input channels (6, SIZE, SIZE), about -1..1: product greyed out, its mask, row and column."""
    small = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    cover = cv2.dilate(cover, np.ones((3, 3), np.uint8))[..., None].astype(np.float32) / 255
    shown_HWC = small * (1 - cover) + GREY * cover
    line = np.linspace(-1, 1, SIZE, dtype=np.float32)
    column_HW, row_HW = np.meshgrid(line, line)
    channels = [*(shown_HWC / 127.5 - 1).transpose(2, 0, 1), cover[..., 0] * 2 - 1, row_HW, column_HW]
    return np.stack(channels).astype(np.float32)
