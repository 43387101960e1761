"""The mini captioner's sentences."""

import pytest

from bundled.training.captioner.sentences import every_word, plate_words, scene_words
from shared.contracts.styles import Light, Plate

SCENE = {
    "surface": "oak", "surface_colour": "", "backdrop": "red brick", "backdrop_colour": "", "pattern": "",
    "light_colour": "warm", "light_direction": "left", "light_quality": "soft",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "on an oak table before a red brick wall , warm light from the left , soft shadows"),
        ({"surface": "sand", "backdrop": "sea"}, "on sand before the sea , warm light from the left , soft shadows"),
        (
            {"surface": "sweep", "surface_colour": "mint", "pattern": "leaves"},
            "before a mint studio background , warm light from the left , leaf shadows",
        ),
        ({"backdrop": ""}, "on an oak table seen from above , warm light from the left , soft shadows"),
    ],
)
def test_a_scene_has_one_sentence(changes: dict[str, str], sentence: str) -> None:
    assert scene_words(SCENE | changes) == sentence
    assert set(sentence.split()) <= set(every_word())


def test_a_plate_is_said_in_the_words_there_are() -> None:
    light = Light(colour="warm", direction="left", hardness="hard")
    plate = Plate(
        id="p",
        style="s",
        file="p.jpg",
        width=1,
        height=1,
        light=light,
        surface="white marble kitchen counter",
        backdrop="blurred bookshelf",
    )
    assert plate_words(plate) == (
        "on a white marble surface before a bookshelf , warm light from the left , hard shadows"
    )
    flat = plate.model_copy(update={"view": "flatlay", "backdrop": None, "surface": "green grass"})
    assert plate_words(flat).startswith("on green grass seen from above ,")
