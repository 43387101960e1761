"""Which defects a picture may get, and what its words ask for then; the renderer is not needed for that."""

from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.run.judging import SCORES, _another_surface, possible


def test_a_defect_is_made_only_where_it_is_one() -> None:
    assert set(possible(Plan(1, "standing", "wood", "oak", "wall", "red", product="mug"))) == set(SCORES)
    hung = Plan(1, "backdrop", None, "", "wall", "red", product="dress")
    assert set(SCORES) - set(possible(hung)) == {"floating", "wrong surface"}
    assert set(SCORES) - set(possible(Plan(1, "flatlay", "wood", "oak", product="belt"))) == {"floating"}


def test_the_wrong_surface_is_one_that_nobody_would_take_it_for() -> None:
    asked = {_another_surface(Plan(1, "standing", "slate", "dark"), SeededRng("lot", n)).surface for n in range(300)}
    assert not asked & {"slate", "wet stone"}
    assert {"sand", "wood", "snow"} <= asked
