"""The judge's network and what it sees, the same in training and in use: photo, output and mask in, one chance out.

Seven channels go into a transformers ResNet: the output, what changed of the photo inside the mask, and the mask; the
photo's old background has no say. Logit 0 is "no defect"; the others name defects, and only logit 0 is promised.
Shapes: B pairs, C channels, H W pixels, K labels.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import ResNetConfig, ResNetForImageClassification

from shared.contracts.images import Pixels

SIZE = 96
CHANNELS = 7
ROOM = 1.7  # of the product's size: enough to see its edge, its shadow and what it stands on
LABELS = (
    "no defect", "grown", "halo", "seam", "noise", "garbled", "floating", "no contact", "wrong light",
    "changed product", "leaked",
)  # fmt: skip


def new_judge(*, width: int = 32) -> ResNetForImageClassification:
    """An untrained judge of about 1.2 million weights."""
    config = ResNetConfig(
        num_channels=CHANNELS,
        embedding_size=width,
        hidden_sizes=[width, 2 * width, 4 * width, 6 * width],
        depths=[1, 1, 2, 1],
        layer_type="basic",
        id2label=dict(enumerate(LABELS)),
        label2id={label: at for at, label in enumerate(LABELS)},
    )
    return ResNetForImageClassification(config)


def read_judge(folder: str | Path) -> ResNetForImageClassification:
    """The judge of a folder, in float32; only safetensors are read.

    Raises OSError where there is none, ValueError for a network that looks at other things than a judge.
    """
    model = ResNetForImageClassification.from_pretrained(str(folder), dtype=torch.float32, use_safetensors=True)
    if model.config.num_channels != CHANNELS:
        raise ValueError(f"it looks at {model.config.num_channels} channels, a judge at {CHANNELS}")
    return model.eval()


def write_judge(model: ResNetForImageClassification, folder: Path) -> Path:
    """Weights in fp16 safetensors and configuration; returns the weights' path. The model itself stays as it is."""
    copied = ResNetForImageClassification(model.config)
    copied.load_state_dict(model.state_dict())
    copied.half().to(memory_format=torch.contiguous_format).save_pretrained(folder)
    return folder / "model.safetensors"


@torch.inference_mode()
def chances_of_no_defect(model: ResNetForImageClassification, inputs_BCHW: Tensor) -> Tensor:
    """(B,) how likely a rater finds no defect, 0..1."""
    return torch.sigmoid(model(pixel_values=inputs_BCHW).logits[:, 0].float())


def judge_inputs(views: Sequence[NDArray[np.float32]]) -> Tensor:
    """(B, 7, SIZE, SIZE) of what `judge_view` returns."""
    return torch.from_numpy(np.stack(views)).to(memory_format=torch.channels_last)


def judge_view(original: Pixels, output: Pixels, mask: Pixels) -> NDArray[np.float32]:
    """Seven channels (7, SIZE, SIZE), -1..1, around the product: output (3), change inside the mask (3), mask (1).

    `original` and `output` (H, W, 3), `mask` (H, W) with 255 = product.
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
