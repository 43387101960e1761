"""KEDA's rule over curves of arrivals: what is asked for, when it works, how long messages wait."""

import numpy as np
import pytest

from deploy.capacity.arrivals import burst, day, steady
from deploy.capacity.autoscaling import Policy, Scaler, simulate


def asked(policy: Policy, lag: float, *, seconds: int) -> list[int]:
    scaler = Scaler(policy)
    return [scaler.at(second, lag) for second in range(seconds)]


def test_a_stage_wakes_at_the_next_poll_and_sleeps_after_the_cooldown() -> None:
    scaler = Scaler(Policy(lag_threshold=100, polling_s=30, cooldown_s=60))
    course = [scaler.at(second, 10.0 if second < 40 else 0.0) for second in range(200)]
    assert course[0] == 1
    assert course[89] == 1  # last seen busy at 30, so it may sleep from 90 on
    assert course[90] == 0


def test_lag_asks_for_lag_over_threshold_within_the_limits() -> None:
    assert asked(Policy(lag_threshold=10, polling_s=15), 35.0, seconds=60)[-1] == 4
    assert asked(Policy(lag_threshold=10, polling_s=15, most=12), 1e6, seconds=120)[-1] == 12
    assert asked(Policy(lag_threshold=10, least=2), 0.0, seconds=60)[-1] == 2


def test_growth_is_a_staircase_of_four_or_of_doublings() -> None:
    course = asked(Policy(lag_threshold=1, polling_s=15, most=40), 1000.0, seconds=61)
    assert [course[second] for second in (0, 15, 30, 45)] == [5, 10, 20, 40]


def test_a_difference_of_a_tenth_is_left_alone() -> None:
    scaler = Scaler(Policy(lag_threshold=10, polling_s=15), asked=0)
    scaler.at(0, 100.0)
    for second in range(1, 120):
        scaler.at(second, 100.0)
    assert scaler.asked == 10
    for second in range(120, 240):
        scaler.at(second, 109.0)
    assert scaler.asked == 10


def test_fewer_are_asked_for_only_after_the_window() -> None:
    scaler = Scaler(Policy(lag_threshold=10, polling_s=15, down_window_s=300))
    course = [scaler.at(second, 100.0 if second < 100 else 15.0) for second in range(500)]
    assert course[105] == 10
    assert course[380] == 10
    assert course[450] == 2


def test_nothing_is_lost_and_nothing_is_made_up() -> None:
    arrivals = burst(0.5, height=20, begins=100, lasts=60, seconds=4000)
    course = simulate(arrivals, service_s=2.0, policy=Policy(lag_threshold=20, least=1))
    assert course.lag[-1] == pytest.approx(0.0, abs=0.51)
    assert np.all(course.lag >= 0)
    assert np.all(course.replicas <= course.asked)


def test_the_oldest_message_is_as_old_as_the_queue_is_long() -> None:
    course = simulate(steady(2.0, seconds=101), service_s=1.0, policy=Policy(lag_threshold=1e9, least=1, most=1))
    assert course.lag[100] == pytest.approx(101.0)  # one a second is left over
    assert course.age_s[100] == pytest.approx(50, abs=1)


def test_replicas_work_only_after_their_start() -> None:
    policy = Policy(lag_threshold=1, polling_s=15, start_s=60, most=4)
    course = simulate(steady(1.0, seconds=200), service_s=10.0, policy=policy)
    assert course.replicas[:59].max() == 0
    assert course.replicas[100] > 0
    assert course.replica_hours == pytest.approx(course.asked.sum() / 3600)


def test_a_day_has_its_mean_and_its_peak() -> None:
    rates = day(10.0, peak=1.8)
    assert rates.mean() == pytest.approx(10.0)
    assert rates.max() == pytest.approx(18.0)
    assert rates.argmax() == 43_200
