"""What plates show, in the words that prompts are read with."""

import pytest

from services.inpainter.plates.attributes import attributes_of, described
from services.inpainter.prompt.scene_attributes import SceneAttributes
from tests.fakes.plates import plate

TABLE = [
    ("rustic oak table", "red brick wall", {"surface": "wood", "surface_variant": "rustic oak", "backdrop": "brick",
                                            "backdrop_colour": "red"}),
    ("white table", "plain sage wall", {"surface": "paper", "surface_colour": "white", "backdrop": "wall",
                                        "backdrop_colour": "sage"}),
    ("white linen", None, {"surface": "linen", "surface_colour": "white"}),
    (None, "blurred green garden", {"backdrop": "garden", "backdrop_colour": "green"}),
]  # fmt: skip


@pytest.mark.parametrize(("surface", "backdrop", "expected"), TABLE)
def test_a_plate_is_read_into_attributes(surface: str | None, backdrop: str | None, expected: dict[str, str]) -> None:
    assert attributes_of(plate("p", surface, backdrop)) == SceneAttributes(**expected)  # type: ignore[arg-type]


def test_a_plate_is_also_what_its_style_says_and_is_found_by_single_words() -> None:
    bathroom = described(plate("p", "white marble", "white tiled wall", style="bright bathroom", words=("spa day",)))
    assert bathroom.attributes.backdrop == "tiled wall"
    assert bathroom.style_backdrop == "bathroom"
    assert bathroom.words == {"spa", "day"}


@pytest.mark.parametrize("style", ["loft concrete", "navy wall oak", "river pebbles"])
def test_a_style_that_only_suggests_a_backdrop_or_names_a_material_shows_none(style: str) -> None:
    assert described(plate("p", "walnut table", "raw concrete wall", style=style)).style_backdrop is None
