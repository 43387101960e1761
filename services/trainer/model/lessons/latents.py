"""Pictures as latents of a base's autoencoder. Shapes: B pictures, C channels, H W pixels or latent cells."""

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from shared.model.precision import Precision, autocast

CPU = torch.device("cpu")


def latents_of(
    vae: AutoencoderKL, pictures_BCHW: Tensor, *, device: torch.device = CPU, precision: Precision = "auto"
) -> Tensor:
    """(B, 4, H, W) scaled latents in float32 on the CPU, of pictures in -1..1; the mean, so that they can be kept."""
    return means_of(vae, pictures_BCHW.to(device, vae.dtype), precision=precision).cpu()


@torch.no_grad()
def means_of(vae: AutoencoderKL, pictures_BCHW: Tensor, *, precision: Precision = "auto") -> Tensor:
    """The same where the pictures are: on the autoencoder's own device."""
    with autocast(pictures_BCHW.device, precision):
        means_BCHW = vae.encode(pictures_BCHW).latent_dist.mode()
    latents_BCHW: Tensor = means_BCHW.float() * vae.config.scaling_factor
    return latents_BCHW
