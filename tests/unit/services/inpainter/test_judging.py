"""The judge's reading, with the trainer's own model class at tiny size."""

from pathlib import Path

import numpy as np
import pytest
import torch

from services.inpainter import judging
from services.inpainter.judging import MiniJudge
from services.trainer.model import judge as training

PHOTO, MASK = np.full((70, 90, 3), 250, np.uint8), np.zeros((70, 90), np.uint8)
OTHER = np.random.default_rng(0).integers(0, 255, (70, 90, 3)).astype(np.uint8)


@pytest.fixture
def judge(tmp_path: Path) -> MiniJudge:
    """An untrained judge, saved as the trainer saves it."""
    torch.manual_seed(0)
    training.save(training.make_model(width=8), tmp_path)
    return MiniJudge(tmp_path)


def test_every_output_gets_a_probability(judge: MiniJudge) -> None:
    scores = judge.score(PHOTO, MASK, [PHOTO, OTHER])
    assert len(scores) == 2
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_no_output_has_no_score(judge: MiniJudge) -> None:
    assert judge.score(PHOTO, MASK, []) == []


def test_the_judge_sees_exactly_what_it_was_trained_on() -> None:
    assert np.array_equal(judging.looked_at(PHOTO, OTHER, MASK), training.looked_at(PHOTO, OTHER, MASK))
