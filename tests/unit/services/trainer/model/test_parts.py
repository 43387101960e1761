"""The parts that learn: folder, masks, shards, schedule, adapters, loop."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from bundled.training.inpainter.pipeline import new_unet
from services.trainer.model import data, diffusion, lora, masks
from services.trainer.model.loop import Budget, Group, Recipe, fit
from services.trainer.model.pipeline_folder import read_folder


def test_the_folder_is_a_diffusers_inpaint_pipeline_that_paints(base: Path):
    pipeline = read_folder(base)
    image, hole = torch.zeros(1, 3, 64, 64), torch.ones(1, 1, 64, 64)
    out = pipeline(
        "on a wooden table", image=image, mask_image=hole, height=64, width=64, num_inference_steps=2, output_type="np"
    ).images
    assert out.shape == (1, 64, 64, 3) and np.isfinite(out).all()
    assert not list(base.rglob("*.bin")) and (base / "unet" / "diffusion_pytorch_model.safetensors").exists()


def test_the_hole_is_everything_but_the_product():
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 8:24] = 255
    for seed in range(20):
        hole = masks.around_product(mask, np.random.default_rng(seed))
        assert hole[12:20, 12:20].max() == 0 and hole[:5].min() == 1 and set(np.unique(hole)) == {0, 1}
    assert masks.everything(32).min() == 1


def test_mirroring_changes_sides_in_the_words_too():
    assert data.swap_sides("bright light from the left, not right") == "bright light from the right, not left"
    assert data.swap_sides("Bright wall") == "Bright wall"


def test_held_out_samples_are_never_learnt(samples: Path):
    assert len(list(data.read_shards(samples))) == 8
    assert len(list(data.read_shards(samples, split="held"))) == 2


def test_a_shard_that_the_manifest_does_not_list_is_not_read(samples: Path):
    (samples / "shard-00001.tar").write_bytes(b"half written")
    assert len(list(data.read_shards(samples))) == 8


def test_timesteps_are_spread_over_the_schedule():
    timesteps_B = diffusion.stratified_timesteps(10, torch.Generator().manual_seed(0)).sort().values
    assert all(100 * k <= t < 100 * (k + 1) for k, t in enumerate(timesteps_B.tolist()))


def test_the_schedule_ends_in_pure_noise():
    schedule = diffusion.Noise.of(diffusion.NOISE)
    assert float(schedule.alphas_T[-1]) == 0.0 and schedule.velocity
    assert torch.isfinite(schedule.weights(torch.arange(1000))).all()


def test_a_lora_covers_all_layers_of_the_bundled_size():
    unet = new_unet()
    layers = sum(isinstance(module, nn.Linear | nn.Conv2d) for module in unet.modules())
    lora.add(unet, 2)
    assert lora.layer_count(unet) == layers == 133


class Line:
    """A task that can be followed by hand: fit y = 2x."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.module: nn.Module = nn.Linear(1, 1)
        self.groups = [Group(list(self.module.parameters()))]

    def loss(self, step: int, fraction: float) -> torch.Tensor:
        x_B1 = torch.randn(8, 1, generator=torch.Generator().manual_seed(step))
        return (self.module(x_B1) - 2 * x_B1).square().mean()


def test_a_resumed_run_has_the_losses_of_an_unbroken_one(tmp_path: Path):
    recipe = Recipe(0.05, warmup_steps=1, ema=0.9, checkpoint_s=0.0)
    whole = fit(Line(), Budget(steps=20), recipe)

    def stop(beat) -> None:
        if beat.step == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(Line(), Budget(steps=20), recipe, path=tmp_path / "run.pt", report=stop)
    rest = fit(Line(), Budget(steps=20), recipe, path=tmp_path / "run.pt")
    assert rest == whole[-len(rest) :] and 10 < len(rest) < 13


def test_a_budget_without_numbers_is_spent():
    assert Budget().fraction(0, 0.0) == 1.0 and Budget(seconds=10).fraction(0, 5.0) == 0.5
