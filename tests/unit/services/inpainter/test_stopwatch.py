"""Seconds per step."""

import time

from services.inpainter.stopwatch import Stopwatch


def test_a_step_that_is_taken_twice_adds_up() -> None:
    watch = Stopwatch()
    for _ in range(2):
        with watch("paint"):
            time.sleep(0.02)
    with watch("store"):
        pass
    assert watch.seconds["paint"] >= 0.04
    assert list(watch.seconds) == ["paint", "store"]
