"""The judge's reading, with its own network at tiny size."""

from pathlib import Path

import numpy as np
import pytest
import torch

from services.inpainter.model.judge import MiniJudge
from shared.model.judge import new_judge, write_judge

PHOTO, MASK = np.full((70, 90, 3), 250, np.uint8), np.zeros((70, 90), np.uint8)
OTHER = np.random.default_rng(0).integers(0, 255, (70, 90, 3)).astype(np.uint8)


@pytest.fixture
def judge(tmp_path: Path) -> MiniJudge:
    """An untrained judge, saved as the trainer saves it."""
    torch.manual_seed(0)
    write_judge(new_judge(width=8), tmp_path)
    return MiniJudge(tmp_path)


def test_every_output_gets_the_probability_that_the_first_logit_stands_for(tmp_path: Path) -> None:
    model = new_judge(width=8)
    with torch.no_grad():
        model.classifier[1].weight.zero_()
        model.classifier[1].bias.zero_()
        model.classifier[1].bias[0] = 1.0986  # ln 3: three to one for no defect, and even odds for every other label
    write_judge(model, tmp_path)
    assert MiniJudge(tmp_path).score(PHOTO, MASK, [PHOTO, OTHER]) == pytest.approx([0.75, 0.75], abs=1e-3)


def test_outputs_are_told_apart_and_scored_in_their_order(judge: MiniJudge) -> None:
    first, second = judge.score(PHOTO, MASK, [PHOTO, OTHER])
    assert abs(first - second) > 1e-3
    assert judge.score(PHOTO, MASK, [OTHER, PHOTO]) == pytest.approx([second, first], abs=1e-5)


def test_no_output_has_no_score(judge: MiniJudge) -> None:
    assert judge.score(PHOTO, MASK, []) == []
