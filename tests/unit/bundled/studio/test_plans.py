"""Plans, seeds, balance and splits of the path-traced scenes; nothing here needs the renderer."""

from collections import Counter

import pytest

from bundled.studio.plan import balance, vocabulary
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.rng import SeededRng


def test_the_same_seed_throws_the_same_dice() -> None:
    assert [SeededRng("a", 1).between(0, 1) for _ in range(2)] == [SeededRng("a", 1).between(0, 1)] * 2
    assert SeededRng("a", 1).seed() != SeededRng("a", 2).seed()


def test_a_scene_is_planned_the_same_way_every_time() -> None:
    assert balance.scene_plan(7, 123) == balance.scene_plan(7, 123)
    assert balance.scene_plan(7, 123) != balance.scene_plan(7, 124)


def test_every_backdrop_comes_up_in_proportion_to_its_weight() -> None:
    seen = Counter(balance.scene_plan(1, i).backdrop for i in range(1200))
    assert set(vocabulary.BACKDROPS) <= set(seen)
    assert seen["wall"] / seen["sky"] == pytest.approx(3.0, rel=0.35)


def test_every_product_and_nearly_every_surface_is_drawn() -> None:
    plans = [balance.scene_plan(1, i) for i in range(1200)]
    assert {plan.product for plan in plans} == set(PRODUCTS)
    assert set(vocabulary.SURFACES) <= {plan.surface for plan in plans}


def test_light_is_balanced_over_colours_and_sides() -> None:
    plans = [balance.scene_plan(2, i) for i in range(900)]
    for attribute, names in (("colour", vocabulary.LIGHT_COLOURS), ("direction", vocabulary.LIGHT_DIRECTIONS)):
        shares = Counter(getattr(plan.light, attribute) for plan in plans)
        assert min(shares[name] for name in names) > 900 * 0.1


def test_train_and_held_never_share_a_setup() -> None:
    plans = [balance.scene_plan(3, i) for i in range(2000)]
    sides: dict[str, set[str]] = {}
    for plan in plans:
        sides.setdefault(plan.setup, set()).add(balance.split(plan))
    assert all(len(side) == 1 for side in sides.values())
    assert 0.03 < sum(balance.split(plan) == "held" for plan in plans) / 2000 < 0.16


def test_a_share_of_the_packshots_is_hard_on_purpose() -> None:
    plans = [balance.packshot_plan(1, i) for i in range(600)]
    assert sum(plan.product_colour == plan.backdrop_variant for plan in plans) > 30


def test_an_unknown_surface_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(vocabulary.UnknownName, match=r"unknown surface 'lava'.*marble"):
        vocabulary.check("lava", vocabulary.SURFACES, "surface")


def test_the_vocabulary_is_as_wide_as_promised() -> None:
    assert len(vocabulary.SURFACES) >= 16
    assert len(vocabulary.BACKDROPS) >= 18
    assert len(PRODUCTS) >= 40


def test_every_backdrop_has_surfaces_that_suit_it() -> None:
    for backdrop in vocabulary.BACKDROPS:
        assert set(vocabulary.SUITS[backdrop]) - {"sweep"} <= set(vocabulary.SURFACES)


def test_clothes_hang_before_a_wall_and_are_never_lit_through_it() -> None:
    plans = [plan for i in range(900) if PRODUCTS[(plan := balance.scene_plan(4, i)).product].hangs]
    assert len(plans) > 20
    assert {plan.surface for plan in plans} == {None}
    assert {plan.backdrop for plan in plans} <= set(balance.HANGS_BEFORE)
    assert "back" not in {plan.light.direction for plan in plans}


def test_a_dark_paint_asks_for_a_darker_picture_than_a_bright_one() -> None:
    tones = [vocabulary.tone("wall", name) for name in ("navy blue", "red", "grey", "beige", "white")]
    assert tones == sorted(tones)
    assert tones[0] < 0.1
    assert tones[-1] > 1.0
