"""A model goes into use only when it is surely better than the one in use, sample by sample."""

import pytest

from services.trainer.promotion import HeldOut, Promotion, decided, lower_bound

BETTER, NOT_BETTER, NOT_MEASURED = (
    Promotion(True, "better"), Promotion(False, "not_better"), Promotion(False, "not_measured"),
)  # fmt: skip
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("challenger", "in_use", "promotion"),
    [
        ((0.4, 0.9, 0.1), (0.5, 1.0, 0.2), BETTER),  # samples differ, the gain does not
        ((0.5, 0.9, 0.1), (0.5, 1.0, 0.1), NOT_BETTER),  # one sample of three is no evidence
        ((0.1, 1.2), (0.5, 1.0), NOT_BETTER),
        ((0.5, 1.0), (0.5, 1.0), NOT_BETTER),
        ((0.6, 1.1), (0.5, 1.0), NOT_BETTER),
        ((), (), NOT_MEASURED),
        ((0.1,), (0.9,), NOT_MEASURED),  # nothing is said about the spread
        ((0.1, 0.2), (0.9,), NOT_MEASURED),
        ((0.1, NAN), (0.9, 0.9), NOT_MEASURED),
        ((0.1, 0.1), (0.9, INF), NOT_MEASURED),
    ],
)
def test_only_a_sure_gain_promotes(
    challenger: tuple[float, ...], in_use: tuple[float, ...], promotion: Promotion
) -> None:
    assert decided(HeldOut(challenger, in_use), min_gain=0.0) == promotion


def test_a_gain_below_the_wanted_share_is_not_enough() -> None:
    held = HeldOut((0.9, 0.9, 0.9), (1.0, 1.0, 1.0))
    assert decided(held, min_gain=0.09).promoted and not decided(held, min_gain=0.11).promoted


def test_the_bound_is_students() -> None:
    assert lower_bound([1.0, 2.0, 3.0]) == pytest.approx(2.0 - 2.920 * 1.0 / 3**0.5)


def test_for_many_samples_the_bound_is_the_normal_one_with_its_correction() -> None:
    values = [0.0, 1.0] * 50  # mean 0.5, deviation 0.50252, 99 degrees of freedom: t is 1.6604
    assert lower_bound(values) == pytest.approx(0.5 - 1.6604 * 0.50252 / 10, abs=1e-4)
