"""A base model's folder is a pipeline that paints."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from services.trainer.model.pipeline_folder import read_base


def test_a_base_is_read_in_its_precision_without_a_word_of_what_is_deprecated(
    base: Path, recwarn: pytest.WarningsRecorder
):
    warnings.simplefilter("always")
    pipeline = read_base(base, 9, dtype=torch.bfloat16)
    assert {part.dtype for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder)} == {torch.bfloat16}
    assert [str(one.message) for one in recwarn if "dtype" in str(one.message)] == []


def test_the_folder_is_a_diffusers_inpaint_pipeline_that_paints(base: Path):
    pipeline = read_base(base, 9)
    image, hole = torch.zeros(1, 3, 64, 64), torch.ones(1, 1, 64, 64)
    out = pipeline(
        "on a wooden table", image=image, mask_image=hole, height=64, width=64, num_inference_steps=2, output_type="np"
    ).images
    assert out.shape == (1, 64, 64, 3) and np.isfinite(out).all()
    assert not list(base.rglob("*.bin")) and (base / "unet" / "diffusion_pytorch_model.safetensors").exists()
