"""The quick renderer draws the vocabulary's colours."""

import numpy as np
import pytest

from bundled.quick.drawing.colours import SYNONYMS, WORDS, any_word, centre_of, shade_of
from shared.contracts.vocabulary import COLOURS


def test_every_colour_of_the_vocabulary_is_drawn_and_has_synonyms() -> None:
    assert tuple(COLOURS) == WORDS
    assert set(SYNONYMS) == set(COLOURS)
    assert all(words[0] == colour for colour, words in SYNONYMS.items())


def test_a_shade_lies_around_the_reference_and_is_never_quite_black_or_white() -> None:
    assert centre_of("red") == pytest.approx(np.array([182, 44, 44]) / 255, abs=1e-6)
    shades = np.stack([shade_of("red", np.random.default_rng(seed)) for seed in range(400)])
    assert shades.mean(0) == pytest.approx(centre_of("red"), abs=0.01)
    assert shade_of("white", np.random.default_rng(1), spread=9.0).max() <= 0.98
    assert any_word(np.random.default_rng(1)) in COLOURS
