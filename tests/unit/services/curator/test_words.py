"""The coarse sieve of words: whole words, any case, with the group that a refusal names."""

import pytest

from services.curator.words import UNSAFE, unsafe_word


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A pack of CIGARETTES, menthol", "tobacco: cigarettes"),
        ("hand-carved rifle.", "weapons: rifle"),
        ("a book on the ku klux klan", "hate: ku klux klan"),
        ("e-cigarette holder", "tobacco: e-cigarette"),
        ("rifled through papers", None),
        ("cigarette-free zone", None),
        ("", None),
    ],
)
def test_whole_words_are_found_with_their_group(text: str, found: str | None) -> None:
    assert unsafe_word([None, text]) == found


def test_words_are_lower_case_since_texts_are_lowered() -> None:
    assert all(word == word.lower() for words in UNSAFE.values() for word in words)
