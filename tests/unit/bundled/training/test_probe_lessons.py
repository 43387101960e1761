"""What the probe sees of a lesson: its pixels and its labels change together."""

import numpy as np
import pytest

from bundled.training.probe_lessons import LabelledPicture, Shaker

GREY = np.full((64, 64, 3), 120, np.uint8)
BLUE_OVER_RED = {"warm": 1.0, "neutral": 1.08 / 0.86, "cool": 1.08 / 0.86 * 1.09 / 0.9}  # of what was grey when warm


def lesson(**labels: str | None) -> LabelledPicture:
    known = {"surface": "wood", "backdrop": "wall", "light_colour": "warm", "light_direction": "left", "hardness": None}
    return LabelledPicture(GREY, np.zeros((64, 64), np.uint8), known | labels)


def shaken(one: LabelledPicture) -> list[LabelledPicture]:
    shake = Shaker(np.zeros((1, 16, 16), np.uint8), seed=3)
    return [shake(one) for _ in range(60)]


def test_a_lesson_is_seen_in_lights_of_every_colour_and_its_label_says_which() -> None:
    seen = shaken(lesson())
    assert {one.labels["light_colour"] for one in seen} == set(BLUE_OVER_RED)
    for one in seen:
        red, _, blue = one.picture[32, 32].astype(float)
        assert blue / red == pytest.approx(BLUE_OVER_RED[str(one.labels["light_colour"])], rel=0.1)


def test_a_lesson_whose_light_nobody_knows_keeps_it() -> None:
    assert {one.labels["light_colour"] for one in shaken(lesson(light_colour=None))} == {None}


def test_a_mirrored_lesson_is_lit_from_the_other_side() -> None:
    assert {one.labels["light_direction"] for one in shaken(lesson())} == {"left", "right"}
