"""Phrases of the lexicon in a row of words."""

from services.inpainter.prompt.lexicon import lexicon
from services.inpainter.prompt.mentions import MOST_CORRECTED, PhraseFinder


def phrases(text: str) -> list[str]:
    return [mention.phrase for mention in PhraseFinder(lexicon()).mentions(text.split())]


def test_the_longest_phrase_wins_and_says_where_it_stands() -> None:
    first, second = PhraseFinder(lexicon()).mentions(["on", "light", "grey", "marble"])
    assert (first.phrase, first.first, first.last, first.label("colour")) == ("light grey", 1, 3, "light grey")
    assert (second.phrase, second.label("material"), second.label("colour")) == ("marble", "marble", None)


def test_plural_singular_and_a_slip_of_the_finger_are_the_same_phrase() -> None:
    assert phrases("marbles") == phrases("marble") == phrases("marbel") == ["marble"]


def test_lemons_are_no_lemon_yellow_and_short_words_are_not_corrected() -> None:
    assert phrases("lemons") == []
    assert phrases("oek") == []


def test_of_many_slips_only_the_first_are_corrected_and_all_others_are_named() -> None:
    finder = PhraseFinder(lexicon())
    found = finder.mentions(["marbel"] * (MOST_CORRECTED + 3))
    assert len(found) == MOST_CORRECTED
    assert finder.unknown == ["marbel"] * 3


def test_unknown_words_are_kept_from_clause_to_clause_but_letters_and_stop_words_are_not() -> None:
    finder = PhraseFinder(lexicon())
    finder.mentions(["a", "zebrafinch", "x", "table"])
    finder.mentions(["木"])
    assert finder.unknown == ["zebrafinch", "木"]
