"""People who click on what they like to see."""

import numpy as np
import pytest

from benchmarks.taste.people import COOL_STONE, WARM_WOOD, Liking, Population, Seen, Taste

OAK: Seen = {"surface": {"wood": 1.0}, "light_colour": {"warm": 1.0}}
STUDIO: Seen = {"surface": {"paper": 0.5, "acrylic": 0.5}, "light_colour": {"cool": 1.0}}


def test_a_look_is_worth_as_much_as_it_is_surely_seen() -> None:
    liking = Liking("surface", ("wood", "leaves"), 2.0)
    assert liking.of({"surface": {"wood": 0.25, "leaves": 0.25, "sand": 0.5}}) == 1.0
    assert liking.of({}) == 0.0


def test_the_chance_of_a_click_is_logistic() -> None:
    plain = Taste("none", (), base=0.0)
    assert plain.chance(OAK) == 0.5 and plain.chance(OAK, product=np.log(3)) == pytest.approx(0.75)


def test_tastes_differ_in_what_they_click() -> None:
    assert WARM_WOOD.chance(OAK) > 3 * WARM_WOOD.chance(STUDIO)
    assert COOL_STONE.chance(OAK) < COOL_STONE.chance(STUDIO)


def test_the_same_seed_is_the_same_people() -> None:
    one, same, other = (Population.of(seed, ("mug", "lamp")) for seed in (1, 1, 2))
    clicks = [who.clicks(WARM_WOOD, "mug", OAK, 1000) for who in (one, same)]
    assert clicks[0] == clicks[1] > 0 and one.charms == same.charms != other.charms
