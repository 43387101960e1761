"""A rate that does not trust small numbers."""

import pytest

from services.curator.engagement import Counts, engaged_score


def test_the_wilson_bound_of_a_known_case() -> None:
    # 10 of 100 at 95 %: the interval is 5.52 % to 17.44 %
    assert engaged_score(Counts(impressions=100, clicks=10)) == pytest.approx(0.0552, abs=1e-4)


def test_few_views_prove_little() -> None:
    assert engaged_score(Counts(impressions=4, saves=3)) < engaged_score(Counts(impressions=500, saves=300))


def test_saves_long_clicks_and_clicks_count_alike_and_never_above_the_views() -> None:
    one, other = Counts(impressions=10, clicks=3), Counts(impressions=10, clicks=1, saves=1, long_clicks=1)
    assert engaged_score(one) == engaged_score(other)
    assert Counts(impressions=2, clicks=2, saves=2).wanted == 2


def test_without_views_there_is_no_score() -> None:
    assert engaged_score(Counts(clicks=3)) == 0.0
