"""How good an inpainter is on examples it never learnt from: denoising losses at fixed timesteps with fixed noise."""

from collections.abc import Iterator

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from services.trainer.model import diffusion

TIMESTEPS = (100, 300, 500, 700, 900)  # spread over the schedule; the same for every model, so that losses compare
SEED = 20_260


@torch.no_grad()
def held_out_losses(
    unet: UNet2DConditionModel, batches: list[dict[str, Tensor]], schedule: diffusion.Noise
) -> tuple[float, ...]:
    """The loss of each sample, mean over TIMESTEPS; `batches` as `diffusion.denoising_loss` wants them.

    A sample's place decides its noise, whatever batch it is in: two models are compared on the very same questions.
    """
    losses, place = list[float](), 0
    for batch in batches:
        count = len(batch["latents"])
        losses_TB = torch.stack(list(_at_each_timestep(unet, batch, range(place, place + count), schedule)))
        losses += losses_TB.mean(0).tolist()
        place += count
    return tuple(losses)


def _at_each_timestep(
    unet: UNet2DConditionModel, batch: dict[str, Tensor], places: range, schedule: diffusion.Noise
) -> Iterator[Tensor]:
    latents_BCHW = batch["latents"]
    for t in TIMESTEPS:
        noises = [
            torch.randn(latents_BCHW.shape[1:], generator=torch.Generator().manual_seed(SEED + 1000 * place + t))
            for place in places
        ]
        noise_BCHW = torch.stack(noises).to(latents_BCHW.device)
        yield diffusion.denoising_loss(unet, batch, torch.full((len(places),), t), noise_BCHW, schedule)
