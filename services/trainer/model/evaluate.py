"""How good a painter is on examples it never learnt from: the denoising loss at fixed timesteps with fixed noise."""

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from services.trainer.model import diffusion

TIMESTEPS = (100, 300, 500, 700, 900)  # spread over the schedule; the same for every model, so that losses compare
SEED = 20_260


@torch.no_grad()
def held_out_loss(unet: UNet2DConditionModel, batches: list[dict[str, Tensor]], schedule: diffusion.Noise) -> float:
    """Mean loss over all batches (as `diffusion.denoising_loss` wants them) and TIMESTEPS; nan without batches."""
    losses = [_loss(unet, batch, t, number, schedule) for number, batch in enumerate(batches) for t in TIMESTEPS]
    return float(torch.cat(losses).mean()) if losses else float("nan")


def _loss(
    unet: UNet2DConditionModel, batch: dict[str, Tensor], t: int, number: int, schedule: diffusion.Noise
) -> Tensor:
    latents_BCHW = batch["latents"]
    numbers = torch.Generator().manual_seed(SEED + 1000 * number + t)
    noise_BCHW = torch.randn(latents_BCHW.shape, generator=numbers).to(latents_BCHW.device)
    return diffusion.denoising_loss(unet, batch, torch.full((len(latents_BCHW),), t), noise_BCHW, schedule)
