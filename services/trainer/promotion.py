"""When a trained model goes into use: only when it is surely better than the one in use, on the same samples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev
from typing import Literal

CONFIDENCE = 0.95  # one-sided
# Student's t at CONFIDENCE for 1 to 30 degrees of freedom; beyond, the normal distribution with a correction.
T_QUANTILES = (
    6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753,
    1.746, 1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697,
)  # fmt: skip


@dataclass(frozen=True)
class HeldOut:
    """Losses on the held-out samples, in one order and with the same noise: the new model's and its rival's.

    The rival is the model in use; where none is, the base without a LoRA.
    """

    challenger: tuple[float, ...] = ()
    in_use: tuple[float, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether every loss is a number."""
        return all(map(math.isfinite, (*self.challenger, *self.in_use)))


@dataclass(frozen=True)
class Promotion:
    """Whether a trained model goes into use, and why."""

    promoted: bool
    reason: Literal["better", "not_better", "not_measured"]


def decided(held: HeldOut, *, min_gain: float) -> Promotion:
    """Promote when the loss falls, at CONFIDENCE, by more than `min_gain` (a fraction of the rival's mean loss).

    A paired test: samples differ far more from each other than two models do on one sample.
    """
    if len(held.challenger) < 2 or len(held.challenger) != len(held.in_use) or not held.finite:
        return Promotion(False, "not_measured")
    gains = [old - new for new, old in zip(held.challenger, held.in_use, strict=True)]
    surely = lower_bound(gains) > min_gain * fmean(held.in_use)
    return Promotion(True, "better") if surely else Promotion(False, "not_better")


def lower_bound(values: Sequence[float]) -> float:
    """The value that the mean of two or more samples lies above at CONFIDENCE (Student's t)."""
    freedom = len(values) - 1
    return fmean(values) - _quantile(freedom) * stdev(values) / math.sqrt(len(values))


def _quantile(freedom: int) -> float:
    if freedom <= len(T_QUANTILES):
        return T_QUANTILES[freedom - 1]
    z = NormalDist().inv_cdf(CONFIDENCE)
    return z + (z**3 + z) / (4 * freedom)
