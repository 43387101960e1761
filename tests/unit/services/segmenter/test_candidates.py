"""How candidate masks are judged."""

import numpy as np
import pytest

from services.segmenter.candidates import (
    IN_SCENES,
    WEIGHTS,
    MaskCandidate,
    agreement,
    area_mark,
    best_of,
    border_share,
    centrality,
    stability,
)


def square(left: int, top: int, side: int, value: float = 1.0) -> np.ndarray:
    probability = np.zeros((100, 100), np.float32)
    probability[top : top + side, left : left + side] = value
    return probability


def test_a_sure_mask_is_stable_and_a_hazy_one_is_not() -> None:
    hazy = np.tile(np.linspace(0, 1, 100, dtype=np.float32), (100, 1))
    assert stability(square(20, 20, 40)) == 1.0
    assert stability(hazy) == pytest.approx(30 / 70, abs=0.02)
    assert stability(square(0, 0, 0)) == 0.0


@pytest.mark.parametrize(("area", "mark"), [(0.0, 0.0), (0.01, 0.5), (0.02, 1.0), (0.5, 1.0), (0.86, 0.5), (1.0, 0.0)])
def test_specks_and_whole_pictures_fade_out(area: float, mark: float) -> None:
    assert area_mark(area) == pytest.approx(mark)


def test_the_middle_is_central_and_a_corner_is_not() -> None:
    assert centrality(square(40, 40, 20) > 0) == pytest.approx(1.0, abs=0.01)
    assert centrality(square(0, 0, 10) > 0) == pytest.approx(0.1, abs=0.02)
    assert centrality(square(0, 0, 0) > 0) == 0.0


def test_a_background_covers_the_border() -> None:
    assert border_share(square(20, 20, 40) > 0) == 0.0
    assert border_share(1 - square(20, 20, 40) > 0) == 1.0


def test_agreement_is_one_for_equal_maps_and_zero_for_strangers() -> None:
    assert agreement(square(10, 10, 20), square(10, 10, 20)) == pytest.approx(1.0)
    assert agreement(square(10, 10, 20), square(60, 60, 20)) == 0.0
    assert agreement(square(0, 0, 0), square(0, 0, 0)) == 0.0


@pytest.mark.parametrize("weights", [WEIGHTS, IN_SCENES])
def test_the_product_wins_against_a_surer_background(weights: dict[str, float]) -> None:
    product, saliency = square(30, 30, 40, 0.9), square(30, 30, 40, 0.8)
    ground = MaskCandidate(1 - product, 0.99, "ground")
    best = best_of((ground, MaskCandidate(product, 0.5, "product")), saliency, weights)
    assert best.candidate.prompt == "product"
    assert best.marks["border"] == 1.0
