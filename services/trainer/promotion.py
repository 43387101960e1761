"""When a trained model goes into use: it meets the one in use on the same questions and is surely better. Pure.

Questions are held-out samples that neither has seen, with the same seeds. A measure that counts has to be better with
certainty; the others may not become worse than their margin allows, for a lower loss is no gain if products grow.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev
from typing import Literal

CONFIDENCE = 0.95  # of the two-sided interval: equal models are promoted once in forty comparisons
# Student's t at CONFIDENCE for 1 to 30 degrees of freedom; beyond, the normal distribution with a correction.
T_QUANTILES = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Paired:
    """One measure of the new model and of its rival, sample by sample in one order.

    The rival is the model in use; where none is, the base as it is.
    """

    challenger: tuple[float, ...] = ()
    in_use: tuple[float, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether there are numbers enough, and all are numbers."""
        both = (*self.challenger, *self.in_use)
        return len(self.challenger) >= 2 and len(self.challenger) == len(self.in_use) and all(map(math.isfinite, both))


HeldOut = Mapping[str, Paired]
"""Measure -> what was found; see MEASURES."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How a measure is read: `counts` must be surely better; else its mean may fall by `margin` at most."""

    higher_is_better: bool = False
    counts: bool = False
    margin: float = 0.0

    def gains(self, found: Paired) -> list[float]:
        """Of each sample, how much better the new model is."""
        sign = 1.0 if self.higher_is_better else -1.0
        return [sign * (new - old) for new, old in zip(found.challenger, found.in_use, strict=True)]


MEASURES: Mapping[str, Measure] = {
    "loss": Measure(counts=True),  # of denoising, or of what raters said
    "expansion": Measure(margin=0.01),  # areas, as shares of the product's
    "shrinkage": Measure(margin=0.01),
    "adherence": Measure(higher_is_better=True, margin=0.02),  # chances
    "judge": Measure(higher_is_better=True, margin=0.02),
    "brier": Measure(margin=0.01),  # of the judge's calibrated chances
}


@dataclass(frozen=True)
class MeasuredGain:
    """What one measure says: means, and the gain (above 0 is better) with its interval at CONFIDENCE."""

    measure: str
    challenger: float
    in_use: float
    gain: float
    low: float
    high: float
    samples: int
    says: Literal["surely_better", "not_surely_better", "within_margin", "worse"]


@dataclass(frozen=True)
class PromotionVerdict:
    """Whether a trained model goes into use, why, and every number behind it."""

    promoted: bool
    reason: Literal["better", "not_better", "worse_elsewhere", "not_measured"]
    findings: tuple[MeasuredGain, ...] = ()


def decided(held: HeldOut, *, min_gain: float) -> PromotionVerdict:
    """Promote when what counts is surely better by more than `min_gain` (a share of the rival's mean), and nothing else
    is worse than its margin allows.

    A paired test: samples differ far more from each other than two models do on one sample. A measure that cannot be
    compared is an obstacle, not a detail.
    """
    if not all(found.comparable for found in held.values()) or not any(MEASURES[name].counts for name in held):
        return PromotionVerdict(False, "not_measured")
    findings = tuple(_finding(name, found, min_gain) for name, found in held.items())
    said = {finding.says for finding in findings}
    if "not_surely_better" in said:
        return PromotionVerdict(False, "not_better", findings)
    return (
        PromotionVerdict(False, "worse_elsewhere", findings)
        if "worse" in said
        else PromotionVerdict(True, "better", findings)
    )


def _finding(name: str, found: Paired, min_gain: float) -> MeasuredGain:
    measure = MEASURES[name]
    gains = measure.gains(found)
    low, high = interval(gains)
    gain, old = fmean(gains), fmean(found.in_use)
    says: Literal["surely_better", "not_surely_better", "within_margin", "worse"]
    if measure.counts:
        says = "surely_better" if low > min_gain * abs(old) else "not_surely_better"
    else:
        says = "within_margin" if gain >= -measure.margin else "worse"
    return MeasuredGain(name, fmean(found.challenger), old, gain, low, high, len(gains), says)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Where the mean of two or more samples lies at CONFIDENCE (Student's t)."""
    mean, freedom = fmean(values), len(values) - 1
    reach = _quantile(freedom) * stdev(values) / math.sqrt(len(values))
    return mean - reach, mean + reach


def _quantile(freedom: int) -> float:
    if freedom <= len(T_QUANTILES):
        return T_QUANTILES[freedom - 1]
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    return z + (z**3 + z) / (4 * freedom)
