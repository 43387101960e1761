"""The schedule and the loss that an inpainter learns by."""

import pytest
import torch

from services.trainer.model import diffusion


def test_timesteps_are_spread_over_the_schedule():
    timesteps_B = diffusion.stratified_timesteps(10, torch.Generator().manual_seed(0)).sort().values
    assert all(100 * k <= t < 100 * (k + 1) for k, t in enumerate(timesteps_B.tolist()))


def test_the_schedule_ends_in_pure_noise():
    schedule = diffusion.Noise.of(diffusion.NOISE)
    assert float(schedule.alphas_T[-1]) == 0.0 and schedule.velocity
    assert torch.isfinite(schedule.weights(torch.arange(1000))).all()


def test_a_model_that_predicts_the_noise_learns_too_and_any_other_is_refused_by_name() -> None:
    noise = diffusion.Noise.of({"num_train_timesteps": 1000, "prediction_type": "epsilon"})
    weights_B = noise.weights(torch.tensor([10, 999]))
    assert not noise.velocity and float(weights_B[0]) < float(weights_B[1]) == 1.0  # min-SNR: easy steps count less
    with pytest.raises(ValueError, match="cannot train a model that predicts `sample`"):
        diffusion.Noise.of({"prediction_type": "sample"})


def test_sdxl_is_told_that_a_picture_is_neither_scaled_nor_cropped() -> None:
    batch = {"latents": torch.zeros(2, 4, 8, 12), "pooled": torch.ones(2, 5)}
    added = diffusion.added_conditions(batch, torch.float32)
    assert added is not None and added["time_ids"].tolist() == [[64.0, 96.0, 0.0, 0.0, 64.0, 96.0]] * 2
    assert diffusion.added_conditions({"latents": batch["latents"]}, torch.float32) is None
