"""Pairs for the judge: good ones keep the product, bad ones have the defect they are named after."""

import numpy as np
import pytest

from bundled.training.defects import DEFECTS, EmptyScene, Spoilt, Work
from bundled.training.pairs import PairMaker, torn

SIZE = 96


@pytest.fixture(scope="module")
def maker() -> PairMaker:
    return PairMaker([], seed=3, size=SIZE, products=4, scenes=4)


def product_differences(maker: PairMaker, defect: str | None) -> list[np.ndarray]:
    """Of some pairs, how far each product pixel of the output is from the photo's."""
    pairs = [maker.bad(defect) if defect else maker.good() for _ in range(6)]
    return [np.abs(pair.original.astype(int) - pair.output)[pair.mask == 255] for pair in pairs]


def test_a_good_pair_keeps_the_product_to_the_pixel(maker: PairMaker) -> None:
    assert max(gaps.max() for gaps in product_differences(maker, None)) <= 1  # both are rounded


@pytest.mark.parametrize("defect", [name for name in DEFECTS if name != "changed product"])
def test_defects_of_the_background_leave_the_product_alone(maker: PairMaker, defect: str) -> None:
    assert max(gaps.max() for gaps in product_differences(maker, defect)) <= 1


def test_a_changed_product_differs_from_its_photo(maker: PairMaker) -> None:
    assert max(gaps.mean() for gaps in product_differences(maker, "changed product")) > 5.0


@pytest.mark.parametrize("defect", list(DEFECTS))
def test_a_defect_lowers_the_score(maker: PairMaker, defect: str) -> None:
    pair = maker.bad(defect)
    assert pair.defect == defect
    assert 0.0 < pair.score < 0.55 < maker.good().score


def test_the_same_seed_draws_the_same_pairs() -> None:
    first, second = (next(iter(PairMaker([], seed=5, size=64, products=2, scenes=2))) for _ in range(2))
    assert np.array_equal(first.output, second.output)


def test_a_garbled_background_is_one_that_a_rater_sees() -> None:
    plain = EmptyScene(np.full((200, 200, 3), 0.7, np.float32), None, "flatlay")
    work = Work(
        plain.picture,
        np.zeros_like(plain.picture),
        np.zeros((200, 200), np.float32),
        np.ones((200, 200), np.float32),
        plain,
    )
    half = plain.picture.copy()
    half[:100] += 0.1

    assert torn(Spoilt(work, plain.picture, 0.2)) == 0.0  # swirled, a plain wall is the same plain wall
    assert torn(Spoilt(work, half, 0.2)) == 0.5
