"""Rates of the two arms with their intervals, and how far apart they are. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

Z_95 = 1.959964
# Student's t, two-sided 95 %, for 1 to 30 degrees of freedom
T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Impression:
    """One picture of one product in one round of one arm, and what people did."""

    round: int
    arm: str
    product: str
    model: str
    impressions: int
    clicks: int


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(clicks: int, impressions: int) -> Interval:
    """The rate of clicks (Wilson 1927): what chance among the people leaves open, for these very pictures."""
    if impressions == 0:
        return Interval(0.0, 0.0, 1.0)
    rate, squared = clicks / impressions, Z_95**2
    centre = (rate + squared / (2 * impressions)) / (1 + squared / impressions)
    spread = Z_95 * math.sqrt(rate * (1 - rate) / impressions + squared / (4 * impressions**2))
    spread /= 1 + squared / impressions
    return Interval(rate, max(0.0, centre - spread), min(1.0, centre + spread))


def lift(shown: Iterable[Impression], rounds: range) -> Interval:
    """How far the learning arm's click rate lies above the frozen arm's, as a share of the frozen one's.

    The mean over products of the logarithm of both arms' ratio, since products multiply what a background does; its
    interval is Student's t over products: pictures of one product are alike, so products are what there is a sample
    of. Raises ValueError for fewer than two products.
    """
    ratios = [math.log(learning / frozen) for learning, frozen in product_rates(shown, rounds).values()]
    if len(ratios) < 2:
        raise ValueError("a lift needs two products at least")
    middle, spread = fmean(ratios), t_95(len(ratios) - 1) * stdev(ratios) / math.sqrt(len(ratios))
    return Interval(*(math.exp(value) - 1 for value in (middle, middle - spread, middle + spread)))


def product_rates(shown: Iterable[Impression], rounds: range) -> dict[str, tuple[float, float]]:
    """Each product's click rates in the learning and the frozen arm; half a click is added, so that none is zero."""
    found = [one for one in shown if one.round in rounds]
    return {
        product: (_rate(found, "learning", product), _rate(found, "frozen", product))
        for product in sorted({one.product for one in found})
    }


def t_95(freedom: int) -> float:
    """Student's t, two-sided 95 %."""
    return T_95[freedom - 1] if freedom <= len(T_95) else Z_95


def _rate(shown: Sequence[Impression], arm: str, product: str) -> float:
    mine = [one for one in shown if (one.arm, one.product) == (arm, product)]
    return (0.5 + sum(one.clicks for one in mine)) / (1.0 + sum(one.impressions for one in mine))
