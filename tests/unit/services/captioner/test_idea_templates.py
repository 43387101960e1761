"""The templates' file is read whole and valid, or not at all, and says what is wrong with it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from services.captioner.idea_templates import IDEA_TEMPLATES, IdeaTemplates, idea_templates
from services.captioner.kinds import product_nouns


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    """The file's content with one value put in another's place."""
    content = tomllib.loads(IDEA_TEMPLATES.read_text())
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return content


def test_every_kind_of_product_has_templates_of_its_own_or_the_general_ones() -> None:
    known = idea_templates()
    assert set(known.templates) - {"general", "worn"} <= set(product_nouns().nouns)
    assert known.tiers("mug").plain[0].words == "on a white podium, plain {wall} wall, {light}"
    assert known.tiers("jewellery") is known.tiers("watch")
    assert known.tiers("zeppelin") is known.tiers("general")


def test_walls_and_words_follow_the_colour_of_the_product() -> None:
    known = idea_templates()
    assert "terracotta" not in known.walls_for("peach")
    assert known.walls_for("unheard of") == list(known.walls)
    assert known.avoided("white") == ("white", "snow")
    assert known.avoided("teal") == ()


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("walls",), ["whitish"], "whitish"),
        (("templates", "mug", "plain"), [{"words": "on oak"}], "at least 2 items"),
        (("templates", "mug", "plain", 0), {"words": "on {stuff}"}, r"unknown blanks \['stuff'\]"),
        (("templates", "mug", "plain", 0), {"words": "on oak", "view": "sideways"}, "standing"),
        (("same_as", "jewellery"), "clock", r"no templates for \['clock'\]"),
        (("too_near", "white"), ["white"], None),
        (("colour_of_the_day",), "red", "colour_of_the_day"),
    ],
)
def test_a_mistake_in_the_file_is_named(path: tuple[str | int, ...], value: object, complaint: str | None) -> None:
    content = changed(*path, value=value)
    if complaint is None:
        assert IdeaTemplates.model_validate(content)
        return
    with pytest.raises(ValueError, match=complaint):
        IdeaTemplates.model_validate(content)


def test_a_product_colour_that_leaves_no_wall_is_a_mistake() -> None:
    content = changed("walls", value=["white"])
    with pytest.raises(ValueError, match=r"no wall is left for \['cream', 'light grey', 'white'\]"):
        IdeaTemplates.model_validate(content)


def test_the_file_lies_beside_the_code_so_that_an_image_or_a_wheel_takes_it_along() -> None:
    assert IDEA_TEMPLATES.parent == Path(__file__).parents[4] / "services/captioner"
