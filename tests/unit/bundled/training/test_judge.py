"""The figures of the bundled judge."""

import numpy as np
import pytest

from bundled.training.judge import area_under_curve


@pytest.mark.parametrize(
    ("good", "bad", "area"),
    [([0.9, 0.8], [0.1], 1.0), ([0.1], [0.9], 0.0), ([0.5], [0.5], 0.5), ([0.9, 0.1], [0.5], 0.5)],
)
def test_the_area_is_the_chance_to_rank_a_good_pair_higher(good: list[float], bad: list[float], area: float) -> None:
    assert area_under_curve(np.asarray(good, np.float32), np.asarray(bad, np.float32)) == area
