"""Typed text into clauses of words."""

import pytest

from services.inpainter.prompt.words import LONGEST_TEXT, clauses


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("On oak, by a window!", [["on", "oak"], ["by", "a", "window"], []]),
        ("oak、窓。", [["oak"], ["窓"], []]),
        ("brand's 4k half-lit_wall", [["brand", "k", "half", "lit", "wall"]]),
        ("cafe\u0301 360° ♥oak", [["café", "♥", "oak"]]),
        ("", [[]]),
    ],
)
def test_text_is_cut_at_commas_and_stops_and_then_into_words(text: str, words: list[list[str]]) -> None:
    assert clauses(text) == words


def test_beyond_its_longest_text_nothing_is_read() -> None:
    assert clauses("," * LONGEST_TEXT + "oak") == [[], []]
