"""Free words of brands, read into labels; every expected value is written by hand."""

import pytest

from services.inpainter.prompt.parsing import backdrop_label, parse_prompt, surface_label
from services.inpainter.prompt.scene_attributes import SceneAttributes

TABLE = [
    ("on a wooden table, brick wall", {"surface": "wood", "backdrop": "brick"}),
    ("old bricks behind it, golden hour", {"backdrop": "brick", "light_colour": "warm"}),
    ("marble counter, morning light", {"surface": "marble", "light_colour": "warm"}),
    ("on white marble with a light blue wall",
     {"surface": "marble", "surface_colour": "white", "backdrop": "wall", "backdrop_colour": "light blue"}),
    ("wall of wood, on concrete", {"surface": "concrete", "backdrop": "wood panels"}),
    ("concrete floor, concrete wall", {"surface": "concrete", "backdrop": "concrete wall"}),
    ("on a walnut desk against dark green velvet",
     {"surface": "wood", "surface_variant": "walnut", "backdrop": "curtain", "backdrop_colour": "dark green"}),
    ("at the beach at sunset",
     {"surface": "sand", "backdrop": "beach", "light_colour": "warm", "suggested": ("surface",)}),
    ("pastel pink", {"backdrop": "wall", "backdrop_colour": "pink", "suggested": ("backdrop",)}),
    ("on sand, sea behind, sun from the right",
     {"surface": "sand", "backdrop": "beach", "light_direction": "right"}),
    ("on tiles, backlit", {"surface": "tiles", "light_direction": "back"}),
    ("flat lay on linen, hard light with leaf shadows",
     {"surface": "linen", "hardness": "hard", "shadows": "leaves", "view": "flatlay"}),
    ("glossy black surface with city lights at night",
     {"surface": "acrylic", "surface_colour": "black", "backdrop": "city lights"}),
    ("moss and stones in a dark forest, dappled light",
     {"surface": "moss", "backdrop": "forest", "shadows": "leaves"}),
    ("marble tiles in the bathroom", {"surface": "tiles", "backdrop": "bathroom"}),
    ("a wall without windows", {"backdrop": "wall"}),
    ("", {}),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "expected"), TABLE)
def test_a_prompt_is_read_into_labels(prompt: str, expected: dict[str, object]) -> None:
    assert parse_prompt(prompt) == SceneAttributes(**expected)  # type: ignore[arg-type]


def test_words_nobody_knows_are_named_in_their_order() -> None:
    assert parse_prompt("on slate with lemons and rosemary").unknown == ("lemons", "rosemary")


def test_stop_words_are_no_unknown_words() -> None:
    assert parse_prompt("a beautiful professional photo of the product on oak").unknown == ()


def test_a_typing_mistake_is_forgiven() -> None:
    assert parse_prompt("on marbel, brik wall").surface == "marble"


def test_a_suggestion_is_not_something_that_was_asked() -> None:
    wishes = parse_prompt("at the beach")
    assert wishes.surface == "sand"
    assert wishes.asked() == {"backdrop": "beach"}


def test_a_warm_wooden_table_does_not_ask_for_warm_light() -> None:
    wishes = parse_prompt("a warm wooden table")
    assert wishes.light_colour == "warm"
    assert wishes.asked() == {"surface": "wood"}


def test_a_window_on_the_left_means_light_from_the_left_but_a_plant_does_not() -> None:
    assert parse_prompt("a window on the left").light_direction == "left"
    assert parse_prompt("a plant on the left").light_direction is None


def test_a_prompt_without_any_known_word_is_empty() -> None:
    assert parse_prompt("qwertz uiop").is_empty
    assert not parse_prompt("oak").is_empty


@pytest.mark.parametrize(
    ("name", "label"), [("rustic oak", "wood"), ("wet stone", "slate"), ("paper", "paper"), ("white marble", "marble")]
)
def test_the_studio_name_of_a_surface_has_its_label(name: str, label: str) -> None:
    assert surface_label(name) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [("red brick", "brick"), ("slats", "wood panels"), ("city night", "city lights"), ("sweep", "wall")],
)
def test_the_studio_name_of_a_backdrop_has_its_label(name: str, label: str) -> None:
    assert backdrop_label(name) == label
