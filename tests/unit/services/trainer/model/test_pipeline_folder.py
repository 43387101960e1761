"""A base model's folder is a pipeline that paints."""

from pathlib import Path

import numpy as np
import torch

from services.trainer.model.pipeline_folder import read_base


def test_the_folder_is_a_diffusers_inpaint_pipeline_that_paints(base: Path):
    pipeline = read_base(base, 9)
    image, hole = torch.zeros(1, 3, 64, 64), torch.ones(1, 1, 64, 64)
    out = pipeline(
        "on a wooden table", image=image, mask_image=hole, height=64, width=64, num_inference_steps=2, output_type="np"
    ).images
    assert out.shape == (1, 64, 64, 3) and np.isfinite(out).all()
    assert not list(base.rglob("*.bin")) and (base / "unet" / "diffusion_pytorch_model.safetensors").exists()
