"""The painter: a nine-channel inpainting UNet, its noise schedule and the loss it learns by.

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
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DConditionModel
from torch import Tensor

GAMMA, FLOOR, PRODUCT_WEIGHT = 5.0, 0.25, 0.25
STEPS = 1000
NOISE = {
    "num_train_timesteps": STEPS, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012,
    "prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing",
    "clip_sample": False, "steps_offset": 1,
}  # fmt: skip


def new_painter(
    *, channels: tuple[int, int, int] = (64, 96, 128), text_width: int = 128, groups: int = 16, sample_size: int = 24
) -> UNet2DConditionModel:
    """An untrained 9-in, 4-out UNet in the diffusers format; 5.6 M parameters with the default channels."""
    return UNet2DConditionModel(
        sample_size=sample_size, in_channels=9, out_channels=4, block_out_channels=channels, layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text_width, norm_num_groups=groups,
        attention_head_dim=tuple(max(1, c // 32) for c in channels),  # for this class the number of heads
    )  # fmt: skip


def sampling_schedule() -> DDIMScheduler:
    """The schedule that is saved with the pipeline."""
    return DDIMScheduler(**NOISE, set_alpha_to_one=True)


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

    `batch`: latents (B,4,H,W), mask (B,1,H,W; 1 = to paint), masked (B,4,H,W), text (B,L,D).
    """
    alpha_B111 = schedule.alphas_T.to(noise_BCHW.device)[timesteps_B][:, None, None, None]
    signal, grain = alpha_B111.sqrt(), (1 - alpha_B111).sqrt()
    latents_BCHW = batch["latents"]
    noisy_BCHW = signal * latents_BCHW + grain * noise_BCHW
    wanted_BCHW = signal * noise_BCHW - grain * latents_BCHW if schedule.velocity else noise_BCHW
    unet_in_BCHW = torch.cat([noisy_BCHW, batch["mask"], batch["masked"]], 1)
    guess_BCHW = unet(unet_in_BCHW, timesteps_B.to(noise_BCHW.device), encoder_hidden_states=batch["text"]).sample
    region_B1HW = PRODUCT_WEIGHT + (1 - PRODUCT_WEIGHT) * batch["mask"]
    error_B = ((guess_BCHW.float() - wanted_BCHW).square() * region_B1HW).mean((1, 2, 3))
    return error_B * schedule.weights(timesteps_B).to(error_B.device)
