"""Words for the brand, each only where it is true; how they reach a request is tested in test_query."""

import pytest

from services.inpainter.plates.notes import (
    NOTHING_UNDERSTOOD,
    asks_of_plates,
    notes_on_negative_prompt,
    notes_on_prompt,
)
from services.inpainter.prompt.parsing import parse_prompt
from shared.contracts.events import Caption, ImageSource, Scene

CAPTION = Caption(
    product_short="a white marble soap dispenser",
    product_long="",
    background_short="",
    background_long="",
    captioner="t",
)


def test_a_style_that_is_there_silences_what_was_not_understood() -> None:
    asked = parse_prompt("zebrafinch")
    scene = Scene(prompt="zebrafinch")
    assert notes_on_prompt(scene, asked, "standing", styled=True) == ()
    assert notes_on_prompt(scene, asked, "standing", styled=False) == ("not understood: zebrafinch", NOTHING_UNDERSTOOD)


def test_colour_and_material_of_a_product_may_be_excluded_from_its_background_without_a_word() -> None:
    assert notes_on_negative_prompt(Scene(negative_prompt="white marble"), CAPTION, None) == ()
    assert notes_on_negative_prompt(Scene(negative_prompt="soap, dispenser, soap"), CAPTION, None) == (
        "the negative prompt names the product (soap, dispenser); the product itself is never painted",
    )


def test_without_a_negative_prompt_there_is_nothing_to_tell_of_it() -> None:
    assert notes_on_negative_prompt(Scene(), CAPTION, parse_prompt("on oak")) == ()


def test_plates_lack_nothing_where_nothing_was_asked_of_them() -> None:
    assert asks_of_plates(Scene(prompt="on oak")) and asks_of_plates(Scene(style="garden"))
    for silent in (Scene(), Scene(prompt=" "), Scene(prompt="zebrafinch"), Scene(prompt="on oak", strength=1)):
        assert not asks_of_plates(silent)
    assert not asks_of_plates(Scene(prompt="on oak", reference=ImageSource(key="style.png")))


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("on oak, product on the right", ("on the right",)), ("a window on the left", ()), ("on oak, all right", ())],
)
def test_a_side_that_is_not_the_lights_moves_nothing_and_that_is_told(prompt: str, told: tuple[str, ...]) -> None:
    notes = notes_on_prompt(Scene(prompt=prompt), parse_prompt(prompt), "standing", styled=False)
    moved = "moved nothing: where the product stands is said by its placement"
    assert [note for note in notes if "placement" in note] == [f"'{side}' {moved}" for side in told]


def test_a_code_of_a_colour_is_told_by_the_name_it_was_read_as() -> None:
    prompt = "on oak, #1A2B3C wall"
    notes = notes_on_prompt(Scene(prompt=prompt), parse_prompt(prompt), "standing", styled=False)
    assert notes == ("#1A2B3C was read as navy, the nearest of the colours that are known",)
