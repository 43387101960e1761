"""One vocabulary: every label stands once, and the tables over it speak of nothing else."""

from typing import get_args

import pytest

from shared.contracts.vocabulary import (
    BACKDROPS,
    COLOURS,
    LOOKS_LIKE,
    MIRRORED,
    PASSES_FOR,
    SURFACES,
    Colour,
    LightDirection,
    mirrored_text,
)

LABELS = {"surface": set(SURFACES), "backdrop": set(BACKDROPS)}


def test_every_colour_has_one_reference_and_no_two_share_it() -> None:
    assert set(COLOURS) == set(get_args(Colour))
    assert len(set(COLOURS.values())) == len(COLOURS) == 28


@pytest.mark.parametrize("table", [LOOKS_LIKE, PASSES_FOR], ids=["looks like", "passes for"])
def test_likeness_is_between_labels_of_the_same_attribute_and_never_of_a_thing_with_itself(
    table: dict[str, dict[str, set[str]]],
) -> None:
    for attribute, likes in table.items():
        for asked, near in likes.items():
            assert {asked, *near} <= LABELS[attribute]
            assert asked not in near


def test_mirroring_twice_changes_nothing_and_every_direction_has_a_mirror_image() -> None:
    assert set(MIRRORED) == set(get_args(LightDirection))
    assert all(MIRRORED[MIRRORED[side]] == side for side in MIRRORED)
    assert (MIRRORED["left"], MIRRORED["back"]) == ("right", "back")


@pytest.mark.parametrize(
    ("said", "mirrored"),
    [
        ("light from the left, plant on the right", "light from the right, plant on the left"),
        ("on bright leftover oak", "on bright leftover oak"),
        ("", ""),
    ],
)
def test_a_description_is_mirrored_by_its_words_not_by_parts_of_them(said: str, mirrored: str) -> None:
    assert mirrored_text(said) == mirrored
