"""A probe that reads surface, backdrop and light off a background: the same in use and in comparing models.

It is a transformers ResNet over six channels: the picture with its product greyed out (3), the product's mask, and the
row and column of each pixel, so that wood below and wood behind, light from the left and from the right differ. Its
logits are grouped by attribute; each group is a distribution over the labels that it knows.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import ResNetForImageClassification

from shared.contracts.images import Pixels

SIZE = 128
GREY = 127
COUNTED = ("surface", "backdrop", "light_colour", "light_direction")  # hardness is read too unsurely to count

Reading = dict[str, dict[str, float]]  # attribute -> label -> probability


class AttributeReader:
    """Reads a background's attributes."""

    def __init__(self, folder: str | Path) -> None:
        """`folder`: a model that `bundled.training.probe` wrote; raises OSError when there is none."""
        self._model = ResNetForImageClassification.from_pretrained(
            str(folder), dtype=torch.float32, use_safetensors=True
        ).eval()
        names = [str(self._model.config.id2label[at]) for at in range(self._model.config.num_labels)]
        self.places: dict[str, dict[str, int]] = {}
        for at, name in enumerate(names):
            attribute, _, label = name.partition("=")
            self.places.setdefault(attribute, {})[label] = at

    def read(self, mask: Pixels, outputs: Sequence[Pixels]) -> list[Reading]:
        """What each output (H, W, 3) shows. `mask` (H, W), 255 = product, is shared by all."""
        if not outputs:
            return []
        inputs_BCHW = torch.from_numpy(np.stack([looked_at(output, mask) for output in outputs]))
        with torch.inference_mode():
            logits_BK = self._model(pixel_values=inputs_BCHW).logits.float()
        return [self._grouped(logits_K) for logits_K in logits_BK]

    def _grouped(self, logits_K: Tensor) -> Reading:
        groups = {}
        for attribute, places in self.places.items():
            chances = torch.softmax(logits_K[list(places.values())], 0)
            groups[attribute] = dict(zip(places, chances.tolist(), strict=True))
        return groups


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
