"""How far the arms are apart, and how sure that is."""

import pytest

from benchmarks.taste.figures import Shown, lift, t_95, wilson


def shown(arm: str, product: str, clicks: int, number: int = 2) -> Shown:
    return Shown(round=number, arm=arm, product=product, model="m", impressions=1000, clicks=clicks)


def both(product: str, frozen: int, learning: int, number: int = 2) -> list[Shown]:
    return [shown("frozen", product, frozen, number), shown("learning", product, learning, number)]


def test_a_rate_has_wilsons_interval() -> None:
    # 10 of 100 at 95 %: 5.52 % to 17.44 %
    found = wilson(10, 100)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.0552, 0.1744), abs=1e-4)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


def test_the_lift_is_the_mean_gain_of_products_over_the_frozen_rate() -> None:
    found = lift(both("a", 40, 60) + both("b", 60, 100) + both("c", 50, 80), range(2, 3))
    # gains of 2, 4 and 3 points over 5: mean 60 %, deviation 1, t of 2 degrees 4.303 -> 2.484 points
    assert (found.value, found.low, found.high) == pytest.approx((0.6, 0.6 - 0.4969, 0.6 + 0.4969), abs=1e-3)


def test_other_rounds_do_not_count() -> None:
    with_others = both("a", 40, 60) + both("b", 60, 100) + both("a", 40, 900, number=5)
    assert lift(with_others, range(2, 5)).value == pytest.approx(0.6)


def test_one_product_has_no_lift() -> None:
    with pytest.raises(ValueError, match="two products"):
        lift(both("a", 40, 60), range(2, 3))


def test_students_t_of_known_degrees() -> None:
    assert (t_95(1), t_95(7), t_95(400)) == (12.706, 2.365, pytest.approx(1.96, abs=1e-3))
