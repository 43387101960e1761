"""How long a silence may be: by what this machine's steps take, within limits."""

from backdrop.demo.patience import SilenceLimit


def test_before_anything_was_heard_it_waits_two_minutes() -> None:
    assert SilenceLimit().limit_s == 120.0


def test_a_quick_machine_is_not_given_less() -> None:
    patience = SilenceLimit()
    patience.heard_after(3.0)
    assert patience.limit_s == 120.0


def test_a_slow_machine_gets_ten_times_its_longest_pause() -> None:
    patience = SilenceLimit()
    for seconds in (2.0, 25.0, 4.0):
        patience.heard_after(seconds)
    assert patience.limit_s == 250.0


def test_no_machine_is_waited_for_longer_than_ten_minutes() -> None:
    patience = SilenceLimit()
    patience.heard_after(90.0)
    assert patience.limit_s == 600.0


def test_a_limit_that_is_given_stands() -> None:
    patience = SilenceLimit(always_s=5.0)
    patience.heard_after(90.0)
    assert patience.limit_s == 5.0
