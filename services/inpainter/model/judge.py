"""The judge: how likely a rater is to find no defect in an output, seen beside the photo it was made of."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from transformers import ResNetForImageClassification

from shared.contracts.images import Pixels

SIZE = 96
ROOM = 1.7  # of the product's size


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
            logits_BK = self._model(pixel_values=inputs_BCHW).logits
        return [float(chance) for chance in torch.sigmoid(logits_BK[:, 0])]


def looked_at(original: Pixels, output: Pixels, mask: Pixels) -> NDArray[np.float32]:
    """The seven input channels (7, SIZE, SIZE), -1..1, around the product: output, change inside the mask, mask.

    The very ones the judge was trained on: the photo's old background has no say.
    """
    part = around(mask)
    before, after, cover = (
        cv2.resize(picture[part], (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32)
        for picture in (original, output, mask)
    )
    change = (after - before) / 127.5 * (cover[..., None] / 255)
    return np.dstack([after / 127.5 - 1, change, cover / 127.5 - 1]).transpose(2, 0, 1).astype(np.float32)


def around(mask: Pixels) -> tuple[slice, slice]:
    """Rows and columns of the product with ROOM times its size around it, within the picture; all of it without one."""
    rows, columns = np.flatnonzero(mask.max(1) > 127), np.flatnonzero(mask.max(0) > 127)
    if not len(rows):
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])
    reach = ROOM / 2 * max(rows[-1] - rows[0], columns[-1] - columns[0]) + 4
    middle_y, middle_x = (rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2
    return (
        slice(max(0, int(middle_y - reach)), int(middle_y + reach)),
        slice(max(0, int(middle_x - reach)), int(middle_x + reach)),
    )
