"""Another colour of light on a finished picture: its pixels and its words change together."""

import numpy as np
import pytest

from bundled.training import toning
from services.trainer.model.lessons.data import Example

PHRASES = {"warm": ("warm light", "golden light"), "neutral": ("daylight",), "cool": ("cool light", "cold daylight")}
GREY = np.full((8, 8, 3), 100, np.uint8)
HALF = np.concatenate([np.full((4, 8), 255, np.uint8), np.zeros((4, 8), np.uint8)])


def seen(caption: str) -> dict[str, list[Example]]:
    """By what is said of the first caption after it, from many draws."""
    rng, found = np.random.default_rng(5), dict[str, list[Example]]()
    for _ in range(200):
        one = toning.relit(Example(GREY, HALF, (caption, "on oak")), PHRASES, rng)
        found.setdefault(one.captions[0], []).append(one)
    return found


def test_a_picture_comes_in_every_colour_of_light_and_says_so() -> None:
    assert set(seen("on oak, daylight")) == {f"on oak, {said}" for colour in PHRASES.values() for said in colour}


def test_its_background_has_the_gain_of_the_light_and_its_words_without_light_stay() -> None:
    for one in seen("on oak, daylight")["on oak, golden light"]:
        assert one.image[7, 7].tolist() == [108, 100, 86]
        assert one.captions[1] == "on oak"


def test_half_the_products_keep_their_own_light() -> None:
    warm = seen("on oak, daylight")["on oak, warm light"]
    kept = sum(one.image[0, 0].tolist() == [100, 100, 100] for one in warm)
    assert 0 < kept < len(warm)
    assert {tuple(one.image[0, 0].tolist()) for one in warm} == {(100, 100, 100), (108, 100, 86)}


def test_the_longest_phrase_tells_the_colour() -> None:
    """`cold daylight` is no daylight."""
    for one in seen("cold daylight, on oak")["daylight, on oak"]:
        assert one.image[7, 7, 0] == pytest.approx(100 / 0.9, abs=1)


def test_a_picture_that_does_not_name_its_light_stays() -> None:
    (said,) = seen("on oak, light from the left")
    assert said == "on oak, light from the left"
