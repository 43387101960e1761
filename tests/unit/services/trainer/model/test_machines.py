"""A training asks the processor only for what it can do: on AVX2 alone a bf16 kernel is over twenty times slower."""

from pathlib import Path
from typing import Any

import pytest
import torch

from services.trainer.core import TrainingPlan
from services.trainer.model import judge_trainer as judge
from services.trainer.model.diffusion_trainer import DiffusionTrainer

from .test_judge_trainer import plan_for, write_reviews


@pytest.fixture
def without_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    """An AVX2 processor on which asking for bf16 is an error instead of a wait."""

    class Checked(torch.autocast):
        def __init__(self, device_type: str, dtype: torch.dtype | None = None, **given: Any) -> None:
            assert dtype != torch.bfloat16, "bf16 was asked for on a processor without units for it"
            super().__init__(device_type, dtype, **given)

    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    monkeypatch.setattr(torch, "autocast", Checked)


@pytest.mark.usefixtures("without_bf16")
def test_a_lora_learns_without_bf16(base: Path, samples: Path, tmp_path: Path) -> None:
    plan = TrainingPlan(stage="product", base=base, steps=1, batch=2, rank=2, learning_rate=2e-3, size=64, seed=3)
    assert DiffusionTrainer().train(plan, samples, tmp_path, lambda _: None).weights.exists()


@pytest.mark.usefixtures("without_bf16")
def test_a_judge_learns_without_bf16(tmp_path: Path) -> None:
    samples, plan = write_reviews(tmp_path / "data"), plan_for(tmp_path, steps=1)
    assert judge.JudgeTrainer().train(plan, samples, tmp_path / "work", lambda _: None).weights.exists()
