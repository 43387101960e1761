"""A rate that does not trust small numbers, and counts that fade."""

from datetime import UTC, datetime, timedelta

import pytest

from services.curator.records import Window
from services.curator.taste.engagement import EngagementSums, Prior, PriorFit, faded, wanted

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def window(days_ago: float = 0.0, **counts: int) -> Window:
    end = NOON - timedelta(days=days_ago)
    known = {"impressions": 100, "clicks": 0, "saves": 0, "long_clicks": 0} | counts
    return Window(product_id="mug", start=end, end=end, **known)


def fitted(*pictures: tuple[float, float]) -> Prior:
    fit = PriorFit()
    for impressions, liked in pictures:
        fit.add(EngagementSums(impressions=impressions, wanted=liked))
    return fit.prior()


def test_saves_long_clicks_and_clicks_count_alike_and_never_above_the_views() -> None:
    assert wanted(window(clicks=3)) == wanted(window(clicks=1, saves=1, long_clicks=1)) == 3
    assert wanted(window(impressions=2, clicks=2, saves=2)) == 2


def test_what_was_seen_a_half_life_ago_counts_half_and_the_future_no_more_than_now() -> None:
    windows = [window(clicks=8), window(28, clicks=8), window(56, clicks=8), window(-1, clicks=8)]
    assert faded(windows, NOON, 28) == EngagementSums(impressions=275, wanted=22)


def test_the_posterior_of_a_known_case() -> None:
    # Beta(1, 9) and 10 of 90: mean 11 / 100; its deviation sqrt(.11 x .89 / 101) = .0311
    found = Prior(mean=0.1, strength=10).rate(EngagementSums(impressions=90, wanted=10))
    assert found.rate == pytest.approx(0.11)
    assert (found.low, found.high) == pytest.approx((0.11 - 1.96 * 0.03113, 0.11 + 1.96 * 0.03113), abs=1e-4)


def test_few_views_prove_little() -> None:
    prior = Prior(mean=0.1, strength=20)
    assert (
        prior.rate(EngagementSums(impressions=4, wanted=3)).low
        < prior.rate(EngagementSums(impressions=500, wanted=300)).low
    )


def test_equal_pictures_are_believed_as_one_and_unequal_ones_for_themselves() -> None:
    alike, apart = fitted((1000, 100), (1000, 101), (1000, 99)), fitted((1000, 10), (1000, 100), (1000, 190))
    assert alike.mean == apart.mean == pytest.approx(0.1)
    assert alike.strength == 1e6 and 5 < apart.strength < 30  # the rates vary by 0.0054: .09 / .0054 - 1 = 15.7


def test_without_a_look_nothing_is_known() -> None:
    assert fitted() == fitted((0, 0)) == Prior() and Prior().rate(EngagementSums()).rate == 0.0


def test_a_group_of_few_pictures_is_less_sure_than_its_views_say() -> None:
    prior, counts = Prior(mean=0.1, strength=15), EngagementSums(impressions=10_000, wanted=1500)
    few, many = prior.rate_of_group(counts, 2), prior.rate_of_group(counts, 200)
    assert few.low < prior.mean < many.low < prior.rate(counts).low
