"""Examples as latents, encoded once and put together to batches, for a text encoder that learns along."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from services.trainer.model.lessons.data import Example, to_tensor
from services.trainer.model.lessons.latents import CPU, latents_of
from shared.model.precision import Precision

HolePolicy = Callable[[npt.NDArray[np.uint8], np.random.Generator], npt.NDArray[np.uint8]]
Tokens = Callable[[list[str]], Tensor]


@dataclass(frozen=True)
class Encoded:
    """One example ready for the painter: latents and masked latents (4,H,W), mask (1,H,W; 1 = paint), ids
    (captions,L)."""

    latents_CHW: Tensor  # noqa: N815
    masked_CHW: Tensor  # noqa: N815
    mask_1HW: Tensor  # noqa: N815
    ids_KL: Tensor  # noqa: N815


@torch.no_grad()
def encode(
    vae: AutoencoderKL,
    tokens: Tokens,
    examples: list[Example],
    policy: HolePolicy,
    rng: np.random.Generator,
    *,
    device: torch.device = CPU,
    precision: Precision = "auto",
) -> list[Encoded]:
    """Encode pictures and pictures with a hole (0 in -1..1, as the inpaint pipeline makes it) in one pass."""
    pictures_BCHW = torch.stack([to_tensor(example.image) for example in examples])
    holes_B1HW = torch.stack([torch.from_numpy(policy(example.mask, rng)).float()[None] for example in examples])
    both_BCHW = torch.cat([pictures_BCHW, pictures_BCHW * (1 - holes_B1HW)])
    latents_BCHW, masked_BCHW = latents_of(vae, both_BCHW, device=device, precision=precision).chunk(2)
    factor = pictures_BCHW.shape[-1] // latents_BCHW.shape[-1]
    small_B1HW = holes_B1HW[:, :, ::factor, ::factor]  # nearest, as the pipeline shrinks its mask
    return [
        Encoded(latents_BCHW[k], masked_BCHW[k], small_B1HW[k], tokens(list(example.captions)))
        for k, example in enumerate(examples)
    ]


def collated(entries: list[Encoded], empty_L: Tensor, rng: np.random.Generator, *, dropout: float) -> dict[str, Tensor]:
    """A batch: latents, masked, mask and ids (B,L), one caption of each; with probability `dropout` none (guidance)."""
    ids_BL = torch.stack(
        [empty_L if rng.random() < dropout else entry.ids_KL[rng.integers(len(entry.ids_KL))] for entry in entries]
    )
    planes = {
        "latents": [e.latents_CHW for e in entries],
        "masked": [e.masked_CHW for e in entries],
        "mask": [e.mask_1HW for e in entries],
    }
    return {name: torch.stack(tensors) for name, tensors in planes.items()} | {"ids": ids_BL}
