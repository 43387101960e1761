"""What people might type for a scene says what is in it, and nothing else."""

import re

from bundled.studio.plan.balance import scene_plan
from bundled.studio.plan.captions import EDGES, GLOWS, SIDES, captions
from bundled.studio.plan.scene import Plan, PlannedLight

OAK = Plan(1, "standing", "wood", "oak", "brick", "red brick", PlannedLight("warm", "left", "hard"), "mug", "white")


def test_a_scene_gets_several_different_captions() -> None:
    for index in range(200):
        said = captions(scene_plan(5, index))
        assert len(said) >= 3
        assert len(set(said)) == len(said)


def test_captions_name_surface_and_backdrop() -> None:
    said = " | ".join(captions(OAK))
    assert "oak" in said
    assert "red brick" in said


def test_captions_never_name_a_light_that_is_not_there() -> None:
    wrong = [word for side, words in SIDES.items() if side != "left" for word in words]
    wrong += [word for glow, words in GLOWS.items() if glow != "warm" for word in words]
    wrong += list(EDGES["soft"])
    for seed in range(100):
        said = " | ".join(captions(Plan(**{**vars(OAK), "seed": seed})))
        assert not [word for word in wrong if word in said]


def test_some_captions_leave_the_product_out() -> None:
    assert any("mug" not in text for text in captions(OAK))
    assert any("mug" in text for text in captions(OAK))


def test_articles_fit_the_word_after_them() -> None:
    for index in range(500):
        for text in captions(scene_plan(9, index)):
            assert not re.search(r"\ba [aeio]|\ban [^aeiou]", text)
            assert "{}" not in text
