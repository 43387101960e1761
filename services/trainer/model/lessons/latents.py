"""Pictures as latents of a base's autoencoder. Shapes: B pictures, C channels, H W pixels or latent cells."""

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from shared.model.precision import Precision, autocast

CPU = torch.device("cpu")


@torch.no_grad()
def latents_of(
    vae: AutoencoderKL, pictures_BCHW: Tensor, *, device: torch.device = CPU, precision: Precision = "auto"
) -> Tensor:
    """(B, 4, H, W) scaled latents in float32 on the CPU, of pictures in -1..1; the mean, so that they can be kept."""
    with autocast(device, precision):
        means_BCHW = vae.encode(pictures_BCHW.to(device, vae.dtype)).latent_dist.mode()
    latents_BCHW: Tensor = means_BCHW.float().cpu() * vae.config.scaling_factor
    return latents_BCHW
