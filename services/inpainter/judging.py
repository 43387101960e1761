"""The judge: how likely a rater is to find no defect in an output, seen beside the photo it was made of."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from transformers import ResNetForImageClassification

from shared.contracts.images import Pixels

SIZE = 160


class MiniJudge:
    """The reward model that the trainer's stage `judge` writes: photo, output and mask in, one probability out."""

    def __init__(self, folder: str | Path) -> None:
        """`folder`: such a model; raises OSError when there is none."""
        self._model = ResNetForImageClassification.from_pretrained(str(folder), dtype=torch.float32).eval()

    def score(self, photo: Pixels, mask: Pixels, outputs: Sequence[Pixels]) -> list[float]:
        """For each output (H, W, 3), beside the placed photo and its mask (H, W): probability of no defect, 0..1."""
        if not outputs:
            return []
        inputs_BCHW = torch.from_numpy(np.stack([looked_at(photo, output, mask) for output in outputs]))
        with torch.inference_mode():
            logits_B1 = self._model(pixel_values=inputs_BCHW).logits
        return [float(chance) for chance in torch.sigmoid(logits_B1[:, 0])]


def looked_at(original: Pixels, output: Pixels, mask: Pixels) -> NDArray[np.float32]:
    """The seven input channels (7, SIZE, SIZE), -1..1: photo, output, mask; the very ones the judge was trained on."""
    sides = [cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for picture in (original, output, mask)]
    return np.dstack(sides).astype(np.float32).transpose(2, 0, 1) / 127.5 - 1
