"""Codes of colours, as style guides give them; the nearest named colour of each is found by eye."""

import pytest

from services.inpainter.prompt.hex_colours import colours_of, with_names


@pytest.mark.parametrize(
    ("code", "colour"),
    [
        ("#9CAF88", "sage"), ("#1a2b3c", "navy"), ("#0d1117", "black"), ("#f00", "red"), ("#0000FF", "blue"),
        ("#008080", "teal"), ("#808080", "grey"), ("#EADFC8", "cream"), ("#FFC0CB", "pink"), ("#FAFAFA", "white"),
    ],
)  # fmt: skip
def test_a_code_is_read_as_the_colour_that_is_nearest(code: str, colour: str) -> None:
    assert colours_of(f"on oak, wall in {code}.") == {code: colour}
    assert with_names(f"wall in {code}, oak") == f"wall in {colour}, oak"


@pytest.mark.parametrize("text", ["#FFFFFF", "#fff", "#12", "#12345", "#goldenhour", "#1a2b3c4d5", "facade", ""])
def test_pure_white_and_what_is_no_code_stay_as_they_are(text: str) -> None:
    assert colours_of(text) == {}
    assert with_names(text) == text
