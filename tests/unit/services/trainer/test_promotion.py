"""A model goes into use only when it is surely better than the one in use, sample by sample, and nowhere worse."""

import random

import pytest

from services.trainer.promotion import HeldOut, Paired, decided, interval

NAN, INF = float("nan"), float("inf")
LOSSES = Paired((0.4, 0.9, 0.1, 0.3), (0.5, 1.0, 0.2, 0.4))  # each sample gains the same


@pytest.mark.parametrize(
    ("challenger", "in_use", "reason"),
    [
        ((0.4, 0.9, 0.1), (0.5, 1.0, 0.2), "better"),  # samples differ, the gain does not
        ((0.5, 0.9, 0.1), (0.5, 1.0, 0.1), "not_better"),  # one sample of three is no evidence
        ((0.1, 1.2), (0.5, 1.0), "not_better"),
        ((0.5, 1.0), (0.5, 1.0), "not_better"),
        ((0.6, 1.1), (0.5, 1.0), "not_better"),
        ((), (), "not_measured"),
        ((0.1,), (0.9,), "not_measured"),  # nothing is said about the spread
        ((0.1, 0.2), (0.9,), "not_measured"),
        ((0.1, NAN), (0.9, 0.9), "not_measured"),
        ((0.1, 0.1), (0.9, INF), "not_measured"),
    ],
)
def test_only_a_sure_gain_promotes(challenger: tuple[float, ...], in_use: tuple[float, ...], reason: str) -> None:
    verdict = decided({"loss": Paired(challenger, in_use)}, min_gain=0.0)
    assert (verdict.promoted, verdict.reason) == (reason == "better", reason)


@pytest.mark.parametrize(
    ("measure", "new", "reason"),
    [
        ("expansion", 0.015, "better"),  # of 0.01 it grew to 0.015: within a margin of 0.01
        ("expansion", 0.025, "worse_elsewhere"),
        ("shrinkage", 0.025, "worse_elsewhere"),
        ("judge", 0.0, "worse_elsewhere"),  # higher is better here
        ("judge", 0.5, "better"),
        ("adherence", 0.0, "worse_elsewhere"),
    ],
)
def test_a_lower_loss_is_no_gain_where_something_else_became_worse(measure: str, new: float, reason: str) -> None:
    old = 0.01 if measure in ("expansion", "shrinkage") else 0.4
    held: HeldOut = {"loss": LOSSES, measure: Paired((new, new), (old, old))}
    assert decided(held, min_gain=0.0).reason == reason


def test_a_measure_that_could_not_be_taken_is_an_obstacle() -> None:
    assert decided({"loss": LOSSES, "judge": Paired((0.5, NAN), (0.5, 0.5))}, min_gain=0.0).reason == "not_measured"
    assert decided({"judge": Paired((0.9, 0.9), (0.5, 0.5))}, min_gain=0.0).reason == "not_measured"
    assert decided({}, min_gain=0.0).reason == "not_measured"


def test_a_verdict_keeps_its_numbers() -> None:
    (finding,) = decided({"loss": Paired((1.0, 2.0, 3.0), (2.0, 4.0, 6.0))}, min_gain=0.0).findings
    assert (finding.challenger, finding.in_use, finding.gain, finding.samples) == (2.0, 4.0, 2.0, 3)
    assert finding.low == pytest.approx(2.0 - 4.303 / 3**0.5) and finding.high == pytest.approx(2.0 + 4.303 / 3**0.5)
    assert finding.says == "not_surely_better"


def test_a_gain_below_the_wanted_share_is_not_enough() -> None:
    held = {"loss": Paired((0.9, 0.9, 0.9), (1.0, 1.0, 1.0))}
    assert decided(held, min_gain=0.09).promoted and not decided(held, min_gain=0.11).promoted


def test_for_many_samples_the_interval_is_the_normal_one_with_its_correction() -> None:
    values = [0.0, 1.0] * 50  # mean 0.5, deviation 0.50252, 99 degrees of freedom: t is 1.9842
    assert interval(values) == pytest.approx((0.5 - 1.9842 * 0.050252, 0.5 + 1.9842 * 0.050252), abs=1e-4)


def test_of_fifty_equal_challengers_at_most_one_in_twenty_is_promoted() -> None:
    """Forty days with fifty challengers each that are as good as the one in use, on 4 to 64 held-out samples."""
    numbers = random.Random(20_261)
    promoted = sum(_equal_challenger(numbers) for _ in range(40 * 50))
    assert promoted / (40 * 50) <= 0.05


def _equal_challenger(numbers: random.Random) -> bool:
    """Samples of very different difficulty; two equal models differ on each by chance alone."""
    count = numbers.choice((4, 8, 16, 64))
    hard = [numbers.lognormvariate(-2, 0.7) for _ in range(count)]
    new, old = (tuple(one * numbers.lognormvariate(0, 0.03) for one in hard) for _ in range(2))
    chances = [tuple(min(1.0, max(0.0, numbers.gauss(0.6, 0.1))) for _ in range(count)) for _ in range(2)]
    return decided({"loss": Paired(new, old), "judge": Paired(*chances)}, min_gain=0.0).promoted


def test_a_truly_better_challenger_is_promoted_most_of_the_time() -> None:
    numbers = random.Random(7)
    won = 0
    for _ in range(50):
        hard = [numbers.lognormvariate(-2, 0.7) for _ in range(16)]
        new, old = ([one * better * numbers.lognormvariate(0, 0.03) for one in hard] for better in (0.95, 1.0))
        won += decided({"loss": Paired(tuple(new), tuple(old))}, min_gain=0.0).promoted
    assert won >= 40
