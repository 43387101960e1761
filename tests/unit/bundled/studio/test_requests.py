"""Which scenes an order that asks for some surface, backdrop or product gets."""

from pathlib import Path

import pytest

from bundled.studio.plan import vocabulary
from bundled.studio.plan.balance import packshot_plan, scene_plan, split
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.requests import Impossible, SceneFilter, check, matching, numbers, plan_of
from bundled.studio.plan.scene import Plan
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.selection import selected
from bundled.studio.run.spool import spool_of


def test_a_request_gets_every_scene_of_the_row_that_fits_and_no_other() -> None:
    found = numbers(SceneFilter(backdrop="kitchen"), plan_of("scenes", 1), 12)
    by_hand = [number for number in range(found[-1] + 1) if scene_plan(1, number).backdrop == "kitchen"]
    assert found == by_hand


def test_names_are_joined_by_and() -> None:
    found = numbers(SceneFilter(backdrop="wall", product="mug"), plan_of("scenes", 1), 1)
    plan = scene_plan(1, found[0])
    assert (plan.backdrop, plan.product) == ("wall", "mug")


def test_scenes_to_measure_with_can_be_had_alone() -> None:
    found = numbers(SceneFilter(split="held"), plan_of("scenes", 1), 5)
    by_hand = [number for number in range(found[-1] + 1) if split(scene_plan(1, number)) == "held"]
    assert found == by_hand


def test_a_longer_order_carries_on_where_the_shorter_one_ended() -> None:
    asked, row = SceneFilter(surface="wood"), plan_of("scenes", 5)
    looked_at: list[int] = []

    def watched(number: int) -> Plan:
        looked_at.append(number)
        return row(number)

    first = numbers(asked, row, 4)
    assert numbers(asked, watched, 9, first) == numbers(asked, row, 9)
    assert min(looked_at) == first[-1] + 1


def test_packshots_are_chosen_from_their_own_row() -> None:
    found = numbers(SceneFilter(product="boot"), plan_of("packshots", 3), 2)
    assert [packshot_plan(3, number).product for number in found] == ["boot", "boot"]


def test_an_order_without_wishes_takes_the_row_as_it_comes(tmp_path: Path) -> None:
    assert list(selected(DrawingOrder("scenes", 3, tmp_path))) == [0, 1, 2]
    assert list(tmp_path.iterdir()) == []


def test_what_was_chosen_is_found_again_without_walking(tmp_path: Path) -> None:
    order = DrawingOrder("scenes", 3, tmp_path, request=SceneFilter(surface="snow"))
    spool_of(order).folder.mkdir()
    first = selected(order)
    assert selected(order) == first == numbers(order.request, plan_of("scenes", 1), 3)
    (file,) = spool_of(order).folder.iterdir()
    assert file.name == "numbers.json"
    file.write_text("[7, 8, 9]")  # no row begins like this: what is written down is taken as it stands
    assert selected(order) == [7, 8, 9]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (SceneFilter(surface="lava"), r"unknown surface 'lava'; the studio knows: .*marble"),
        (SceneFilter(backdrop="mars"), r"unknown backdrop 'mars'; the studio knows: .*kitchen"),
        (SceneFilter(product="tank"), r"unknown product 'tank'; the studio knows: .*teapot"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_exist(request_: SceneFilter, words: str) -> None:
    with pytest.raises(vocabulary.UnknownName, match=words):
        check(request_, "scenes")


def test_what_never_comes_up_is_refused_with_what_does() -> None:
    with pytest.raises(Impossible) as refusal:
        check(SceneFilter(surface="snow", backdrop="mountains"), "packshots")
    assert "by product only" in str(refusal.value)
    with pytest.raises(Impossible) as refusal:
        check(SceneFilter(surface="snow", backdrop="kitchen"), "scenes")
    assert "'snow' comes with: sky, mountains, festive lights." in str(refusal.value)
    assert "'kitchen' comes with: concrete, granite, leather, linen" in str(refusal.value)


def test_every_surface_backdrop_and_product_comes_up_by_itself() -> None:
    for what, known in (("surface", vocabulary.SURFACES), ("backdrop", vocabulary.BACKDROPS), ("product", PRODUCTS)):
        for name in known:
            asked = SceneFilter(**{what: name})
            check(asked, "scenes")
            assert asked.fits(scene_plan(1, next(matching(asked, plan_of("scenes", 1)))))


def test_nothing_is_searched_for_ever() -> None:
    with pytest.raises(Impossible, match="no such scene among 50 plans: snow, kitchen"):
        next(matching(SceneFilter("snow", "kitchen"), plan_of("scenes", 1), gap=50))
