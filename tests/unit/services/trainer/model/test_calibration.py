"""Chances that mean what they say."""

import pytest
import torch

from services.trainer.model.calibration import calibrated, calibration_error, fitted
from shared.model.judge import SIZE, chances_of_no_defect, new_judge


def test_a_judge_that_is_too_sure_is_tamed() -> None:
    """Logits twice as large as the raters' own: half of them is what they mean."""
    logits_B = torch.linspace(-3, 3, 40, dtype=torch.float64)
    scale, shift = fitted(2 * logits_B, torch.sigmoid(logits_B))
    assert scale == pytest.approx(0.5, abs=0.01) and shift == pytest.approx(0.0, abs=0.01)


def test_a_judge_that_is_too_kind_is_shifted() -> None:
    logits_B = torch.linspace(-3, 3, 40, dtype=torch.float64)
    scale, shift = fitted(logits_B + 1, torch.sigmoid(logits_B))
    assert scale == pytest.approx(1.0, abs=0.02) and shift == pytest.approx(-1.0, abs=0.03)


def test_pairs_without_an_error_do_not_make_it_infinitely_sure() -> None:
    logits_B = torch.tensor([-2.0, -1.0, 1.0, 2.0], dtype=torch.float64)
    scale, _ = fitted(logits_B, (logits_B > 0).double())
    assert 1.0 < scale < 50


def test_the_scale_is_in_the_weights_and_the_order_stays() -> None:
    torch.manual_seed(0)
    model = new_judge(width=8).eval()
    inputs_BCHW = torch.randn(6, 7, SIZE, SIZE)
    before_B = chances_of_no_defect(model, inputs_BCHW)
    scale, shift = calibrated(model, before_B, torch.full((6,), 0.9))
    after_B = chances_of_no_defect(model, inputs_BCHW)
    torch.testing.assert_close(torch.logit(after_B), scale * torch.logit(before_B) + shift, atol=1e-3, rtol=1e-3)
    assert torch.equal(before_B.argsort(), after_B.argsort()) and float((after_B - 0.9).abs().max()) < 0.1


def test_without_pairs_nothing_changes() -> None:
    assert calibrated(new_judge(width=8), torch.empty(0), torch.empty(0)) == (1.0, 0.0)


def test_the_error_is_the_distance_of_chance_and_share() -> None:
    assert calibration_error(torch.tensor([0.95, 0.95, 0.05, 0.05]), torch.tensor([1.0, 0.5, 0.0, 0.1])) == (
        pytest.approx(0.5 * 0.2 + 0.5 * 0.0, abs=1e-6)
    )
