"""The noise schedule of a text-to-image (4 channels) or inpainting (9) UNet, and the loss it learns by.

v-prediction on a zero-terminal-SNR schedule (Lin et al. 2024, arXiv:2305.08891), min-SNR weights with gamma 5 (Hang et
al. 2023, arXiv:2303.09556), timesteps stratified over the batch, the product's own region at a quarter of the weight:
it is pasted back anyway.
Checkpoints that predict the noise itself (epsilon) learn by the same code.
Shapes: B batch, C channels, H W latents, L tokens, D text width, T timesteps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from torch import Tensor

GAMMA, FLOOR, PRODUCT_WEIGHT = 5.0, 0.25, 0.25
STEPS = 1000
CELL = 8  # pixels of a latent cell's side
NOISE = {
    "num_train_timesteps": STEPS, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012,
    "prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing",
    "clip_sample": False, "steps_offset": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Noise:
    """A training schedule: alpha-bar of every step (the signal's share of the variance) and what the UNet predicts."""

    alphas_T: Tensor  # noqa: N815
    velocity: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Noise":
        """From a scheduler's config; raises ValueError for a prediction type that is neither v nor epsilon."""
        kind = config.get("prediction_type", "epsilon")
        if kind not in {"v_prediction", "epsilon"}:
            raise ValueError(f"cannot train a model that predicts `{kind}`: only v_prediction and epsilon")
        return cls(DDPMScheduler.from_config(config).alphas_cumprod.float(), kind == "v_prediction")

    def weights(self, timesteps_B: Tensor) -> Tensor:
        """(B,) min-SNR-gamma weights, not below FLOOR for velocities."""
        alpha_B = self.alphas_T[timesteps_B]
        snr_B = alpha_B / (1 - alpha_B).clamp_min(1e-8)
        if self.velocity:
            return (snr_B.clamp_max(GAMMA) / (snr_B + 1)).clamp_min(FLOOR)
        return snr_B.clamp_max(GAMMA) / snr_B.clamp_min(1e-8)


def stratified_timesteps(count: int, numbers: torch.Generator) -> Tensor:
    """(B,) one timestep from each of `count` equal strata, shuffled: less noise in the loss than free draws."""
    strata_B = (torch.arange(count) + torch.rand(count, generator=numbers)) / count
    return (strata_B[torch.randperm(count, generator=numbers)] * STEPS).long().clamp_max(STEPS - 1)


def denoising_loss(
    unet: UNet2DConditionModel, batch: dict[str, Tensor], timesteps_B: Tensor, noise_BCHW: Tensor, schedule: Noise
) -> Tensor:
    """(B,) weighted denoising loss of each example.

    `batch`: latents (B,4,H,W), text (B,L,D); to inpaint mask (B,1,H,W; 1 = to paint) and masked (B,4,H,W); for SDXL
    pooled (B,P).
    """
    alpha_B111 = schedule.alphas_T.to(noise_BCHW.device)[timesteps_B][:, None, None, None]
    signal, grain = alpha_B111.sqrt(), (1 - alpha_B111).sqrt()
    latents_BCHW = batch["latents"]
    noisy_BCHW = signal * latents_BCHW + grain * noise_BCHW
    wanted_BCHW = signal * noise_BCHW - grain * latents_BCHW if schedule.velocity else noise_BCHW
    shown = [batch["mask"], batch["masked"]] if "mask" in batch else []
    dtype = next(unet.parameters()).dtype  # `unet.dtype` looks at each of them
    unet_in_BCHW = torch.cat([noisy_BCHW, *shown], 1).to(dtype)
    guess_BCHW = unet(
        unet_in_BCHW,
        timesteps_B.to(noise_BCHW.device),
        encoder_hidden_states=batch["text"].to(dtype),
        added_cond_kwargs=added_conditions(batch, dtype),
    ).sample
    error_BCHW = (guess_BCHW.float() - wanted_BCHW).square()
    if shown:
        error_BCHW = error_BCHW * (PRODUCT_WEIGHT + (1 - PRODUCT_WEIGHT) * batch["mask"])
    error_B = error_BCHW.mean((1, 2, 3))
    return error_B * schedule.weights(timesteps_B).to(error_B.device)


def added_conditions(batch: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor] | None:
    """What SDXL wants beside the text: its pooled state, and that the picture is neither scaled nor cropped."""
    if "pooled" not in batch:
        return None
    count, _, rows, columns = batch["latents"].shape
    height, width = CELL * rows, CELL * columns
    ids_B6 = batch["pooled"].new_tensor([[height, width, 0, 0, height, width]]).repeat(count, 1)
    return {"text_embeds": batch["pooled"].to(dtype), "time_ids": ids_B6.to(dtype)}
