"""Pairs for the judge: good ones keep the product, bad ones have the defect they are named after."""

import numpy as np
import pytest

from scenes.pairs import PairMaker
from scenes.spoiling import DEFECTS

SIZE = 96


@pytest.fixture(scope="module")
def maker() -> PairMaker:
    return PairMaker([], seed=3, size=SIZE, products=4, scenes=4)


def product_difference(maker: PairMaker, defect: str | None) -> float:
    """Largest mean difference of product pixels between photo and output over some pairs."""
    worst = 0.0
    for _ in range(6):
        pair = maker.bad(defect) if defect else maker.good()
        inside = pair.mask == 255
        worst = max(worst, float(np.abs(pair.original[inside].astype(int) - pair.output[inside]).mean()))
    return worst


def test_a_good_pair_keeps_the_product_to_the_pixel(maker: PairMaker) -> None:
    assert product_difference(maker, None) <= 1.0


@pytest.mark.parametrize("defect", [name for name in DEFECTS if name != "changed product"])
def test_defects_of_the_background_leave_the_product_alone(maker: PairMaker, defect: str) -> None:
    assert product_difference(maker, defect) <= 1.0


def test_a_changed_product_differs_from_its_photo(maker: PairMaker) -> None:
    assert product_difference(maker, "changed product") > 5.0


@pytest.mark.parametrize("defect", list(DEFECTS))
def test_a_defect_lowers_the_score(maker: PairMaker, defect: str) -> None:
    pair = maker.bad(defect)
    assert pair.defect == defect
    assert 0.0 < pair.score < 0.55 < maker.good().score


def test_the_same_seed_draws_the_same_pairs() -> None:
    first, second = (next(iter(PairMaker([], seed=5, size=64, products=2, scenes=2))) for _ in range(2))
    assert np.array_equal(first.output, second.output)
