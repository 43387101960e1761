"""Which defects a picture may get, and what its words ask for then; the renderer is not needed for that."""

import json
from dataclasses import dataclass

import numpy as np

from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.run.judging import OURS, _another_surface, possible, spoilt, work_of
from bundled.training.defects import DEFECTS

EVERY = {*OURS, *DEFECTS}


@dataclass
class Shot:
    """A grey product with its shadow before a green wall, as a photograph has them."""

    picture: np.ndarray
    mask: np.ndarray
    plate: np.ndarray | None


def shot() -> Shot:
    plate = np.full((128, 128, 3), (40, 160, 60), np.uint8)
    picture, mask = plate.copy(), np.zeros((128, 128), np.float32)
    picture[96:104, 40:100] = (20, 80, 30)  # the shadow
    picture[48:96, 48:80], mask[48:96, 48:80] = 128, 1.0
    return Shot(picture, mask, plate)


def test_a_photograph_taken_apart_and_put_together_is_itself_and_loses_its_shadow_when_asked() -> None:
    plan, taken = Plan(1, "standing", "wood", "oak", "wall", "green", product="mug"), shot()
    assert np.array_equal(np.round(work_of(plan, taken, shadow=True).picture() * 255), taken.picture)
    without = np.round(work_of(plan, taken, shadow=False).picture() * 255)
    assert (without[100, 60] == (40, 160, 60)).all() and (without[60, 60] == 128).all()


def test_every_defect_of_the_factory_is_made_of_a_photograph_with_its_score() -> None:
    seen = {}
    for seed in range(150):
        plan = Plan(seed, "standing", "wood", "oak", "wall", "green", product="mug")
        files = spoilt(plan, f"judge-{seed}", shot()).files
        facts = json.loads(files["json"])
        seen[facts["defect"]] = facts["score"]
        assert {"webp", "mask.png", "original.webp"} <= set(files)
    assert set(seen) == EVERY
    assert seen.pop("none") == 1.0 and all(0 < score < 0.5 for score in seen.values())


def test_a_picture_without_a_visible_product_has_no_defect() -> None:
    empty = Shot(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.float32), None)
    plan = Plan(5, "standing", "wood", "oak", "wall", "green", product="mug")
    assert json.loads(spoilt(plan, "judge-5", empty).files["json"])["defect"] == "none"


def test_a_defect_is_made_only_where_it_is_one() -> None:
    assert set(possible(Plan(1, "standing", "wood", "oak", "wall", "red", product="mug"))) == EVERY
    hung = Plan(1, "backdrop", None, "", "wall", "red", product="dress")
    assert EVERY - set(possible(hung)) == {"floating", "no contact", "wrong surface"}
    assert EVERY - set(possible(Plan(1, "flatlay", "wood", "oak", product="belt"))) == {"floating"}


def test_the_wrong_surface_is_one_that_nobody_would_take_it_for() -> None:
    asked = {_another_surface(Plan(1, "standing", "slate", "dark"), SeededRng("lot", n)).surface for n in range(300)}
    assert not asked & {"slate", "wet stone"}
    assert {"sand", "wood", "snow"} <= asked
