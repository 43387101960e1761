"""The lexicon's file is read whole and valid, or not at all, and says what is wrong with it."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from services.inpainter.prompt.lexicon import LEXICON, LexiconFile, lexicon, read_lexicon, turned_round
from shared.contracts.vocabulary import COLOURS, Backdrop, Surface


def changed(table: str, key: str, value: object) -> dict[str, Any]:
    content = tomllib.loads(LEXICON.read_text())
    content[table][key] = value
    return content


def test_every_colour_and_every_surface_and_backdrop_that_can_be_asked_has_words() -> None:
    file = read_lexicon(LEXICON)
    assert set(file.colours) == set(COLOURS)
    assert set(get_args(Surface)) - set(file.surfaces) == {"sweep"}  # the probe's word: brands say backdrop
    assert set(get_args(Backdrop)) - set(file.backdrops) == {"sunset"}  # only suggested


def test_a_label_is_among_its_own_words_or_is_said_by_another_name() -> None:
    known = lexicon()
    assert [colour for colour in COLOURS if ("colour", colour) not in known.meanings[colour]] == []


def test_a_phrase_may_have_several_meanings_and_wood_is_always_a_material() -> None:
    known = lexicon()
    assert known.meanings["plaster"] == (("material", "plaster"),)
    assert known.meanings["overcast"] == (("light_colour", "cool"), ("hardness", "soft"))
    assert known.meanings["oak"] == (("material", "wood"), ("wood", "oak"))
    assert known.meanings["autumn"] == (("mood", "autumn"),)
    assert known.suggestions["autumn"] == {"surface": "leaves", "backdrop": "forest", "light_colour": "warm"}


def test_the_longest_kind_of_wood_comes_first() -> None:
    lengths = [len(phrase) for phrase in lexicon().woods]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize(
    ("table", "key", "value", "complaint"),
    [
        ("colours", "greyish", ["greyish"], "greyish"),
        ("colours", "red", ["Red"], "pattern"),
        ("colours", "red", ["a red that is much too long"], "pattern"),
        ("colours", "red", [], "at least 1 item"),
        ("colours", "red", ["red", "blue"], "said twice: 'blue' as colour"),
        ("words", "articles", ["a"], "articles"),
        ("stands_behind_as", "wood", "sea", "wall"),
    ],
)
def test_a_mistake_in_the_file_is_named(table: str, key: str, value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        LexiconFile.model_validate(changed(table, key, value))


def test_a_material_that_stands_behind_as_nothing_is_a_mistake() -> None:
    content = tomllib.loads(LEXICON.read_text())
    del content["stands_behind_as"]["moss"]
    with pytest.raises(ValueError, match=r"stands_behind_as lacks \['moss'\]"):
        LexiconFile.model_validate(content)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").write_text("[colours\n")
    with pytest.raises(ValueError, match=r"lexicon\.toml"):
        read_lexicon(tmp_path / "lexicon.toml")


def test_turning_round_loses_no_phrase() -> None:
    file = read_lexicon(LEXICON)
    assert {phrase for _, phrase, _ in file.said()} <= turned_round(file).meanings.keys()
