"""Drawn chunks as latents, encoded once for many steps, for a text encoder that learns along."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from services.trainer.model.lessons.latents import means_of

HolePolicy = Callable[[npt.NDArray[np.uint8], np.random.Generator], npt.NDArray[np.uint8]]
Tokens = Callable[[list[str]], Tensor]


def encode(vae: AutoencoderKL, chunk: dict[str, Tensor]) -> dict[str, Tensor]:
    """Latents and masked latents (B,4,H,W), mask (B,1,H,W; 1 = paint) and ids (B,captions,L) on the autoencoder's
    device, of pictures and pictures with a hole (0 in -1..1, as the inpaint pipeline makes it) in one pass."""
    pictures_BCHW = in_range(chunk["pictures"].to(vae.device))
    holes_B1HW = chunk["holes"].to(vae.device).float()
    both_BCHW = torch.cat([pictures_BCHW, pictures_BCHW * (1 - holes_B1HW)])
    latents_BCHW, masked_BCHW = means_of(vae, both_BCHW).chunk(2)
    factor = pictures_BCHW.shape[-1] // latents_BCHW.shape[-1]
    small_B1HW = holes_B1HW[:, :, ::factor, ::factor]  # nearest, as the pipeline shrinks its mask
    return {"latents": latents_BCHW, "masked": masked_BCHW, "mask": small_B1HW, "ids": chunk["ids"].to(vae.device)}


def in_range(pictures_BCHW: Tensor) -> Tensor:
    """uint8 to -1..1."""
    return pictures_BCHW.float() / 127.5 - 1
