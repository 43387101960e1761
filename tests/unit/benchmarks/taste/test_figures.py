"""How far the arms are apart, and how sure that is."""

import pytest

from benchmarks.taste.figures import Impression, lift, product_rates, t_95, wilson


def shown(arm: str, product: str, clicks: int, number: int = 2) -> Impression:
    return Impression(round=number, arm=arm, product=product, model="m", impressions=1000, clicks=clicks)


def both(product: str, frozen: int, learning: int, number: int = 2) -> list[Impression]:
    return [shown("frozen", product, frozen, number), shown("learning", product, learning, number)]


def test_a_rate_has_wilsons_interval() -> None:
    # 10 of 100 at 95 %: 5.52 % to 17.44 %
    found = wilson(10, 100)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.0552, 0.1744), abs=1e-4)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


def test_the_lift_is_the_mean_ratio_of_products_with_students_t_over_them() -> None:
    found = lift(both("a", 40, 80) + both("b", 100, 200) + both("c", 50, 50), range(2, 3))
    # logarithms 0.687, 0.691, 0: mean 0.4594, deviation 0.3979, t of 2 degrees 4.303 -> 0.9884
    assert (found.value, found.low, found.high) == pytest.approx((0.583, -0.411, 3.254), abs=5e-3)


def test_other_rounds_do_not_count() -> None:
    with_others = both("a", 40, 80) + both("b", 100, 200) + both("a", 40, 900, number=5)
    assert lift(with_others, range(2, 5)).value == pytest.approx(1.0, abs=0.02)


def test_a_product_that_nobody_clicked_has_a_rate_all_the_same() -> None:
    rates = product_rates(both("a", 0, 9), range(2, 3))
    assert rates["a"] == pytest.approx((9.5 / 1001, 0.5 / 1001))


def test_one_product_has_no_lift() -> None:
    with pytest.raises(ValueError, match="two products"):
        lift(both("a", 40, 60), range(2, 3))


def test_students_t_of_known_degrees() -> None:
    assert (t_95(1), t_95(7), t_95(400)) == (12.706, 2.365, pytest.approx(1.96, abs=1e-3))
