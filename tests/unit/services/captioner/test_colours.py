"""Colours in words; the pixels are chosen by hand."""

import numpy as np
import pytest

from services.captioner.colours import GREYS, HUES, Share, backdrop_colour, product_colours
from shared.contracts.vocabulary import COLOURS

TABLE = [
    ((20, 20, 22), "black"), ((250, 250, 250), "white"), ((128, 128, 130), "grey"), ((30, 40, 90), "navy"),
    ((40, 105, 220), "blue"), ((60, 150, 50), "green"), ((200, 30, 40), "red"), ((245, 215, 60), "yellow"),
    ((215, 90, 165), "pink"), ((140, 150, 170), "grey"), ((195, 176, 224), "lilac"), ((107, 69, 41), "brown"),
]  # fmt: skip


@pytest.mark.parametrize(("rgb", "word"), TABLE)
def test_an_even_colour_gets_its_everyday_word(rgb: tuple[int, int, int], word: str) -> None:
    photo, mask = np.full((40, 40, 3), 255, np.uint8), np.zeros((40, 40), np.uint8)
    photo[10:30, 10:30], mask[10:30, 10:30] = rgb, 255
    assert product_colours(photo, mask)[0].word == word


def test_a_coloured_drink_with_a_white_label_is_named_by_its_colour() -> None:
    photo, mask = np.full((40, 40, 3), 250, np.uint8), np.full((40, 40), 255, np.uint8)
    photo[:16] = (60, 150, 50)
    assert [share.word for share in product_colours(photo, mask)] == ["green", "white"]


def test_the_backdrop_is_measured_beside_the_product() -> None:
    photo, mask = np.full((60, 60, 3), (185, 214, 238), np.uint8), np.zeros((60, 60), np.uint8)
    photo[20:40, 20:40], mask[20:40, 20:40] = (200, 30, 40), 255
    assert backdrop_colour(photo, mask).word == "light blue"
    assert backdrop_colour(photo, mask).part == 1.0


def test_a_product_that_fills_the_photo_still_has_a_backdrop_to_name() -> None:
    photo, mask = np.full((40, 40, 3), 250, np.uint8), np.full((40, 40), 255, np.uint8)
    assert backdrop_colour(photo, mask).word == "white"


def test_every_reference_colour_is_called_by_its_own_word() -> None:
    assert set(HUES) | set(GREYS) == set(COLOURS)
    for word, rgb in COLOURS.items():
        photo, mask = np.full((40, 40, 3), rgb, np.uint8), np.full((40, 40), 255, np.uint8)
        assert [share.word for share in product_colours(photo, mask)] == [word]


def test_shades_of_one_colour_are_one_word_and_white_in_the_shade_is_white() -> None:
    photo, mask = np.full((40, 40, 3), (30, 40, 90), np.uint8), np.full((40, 40), 255, np.uint8)
    photo[:14] = (40, 105, 220)
    assert [share.word for share in product_colours(photo, mask)] == ["navy"]
    photo[:], photo[:10] = (200, 200, 200), (250, 250, 250)
    assert [share.word for share in product_colours(photo, mask)] == ["white"]


def test_the_skin_of_who_wears_it_is_not_the_products_colour() -> None:
    photo, mask = np.full((40, 40, 3), (224, 172, 140), np.uint8), np.full((40, 40), 255, np.uint8)
    photo[28:] = (30, 40, 90)
    assert product_colours(photo, mask, worn=True)[0].word == "navy"
    assert product_colours(photo, mask)[0].word != "navy"


def test_something_worn_that_has_the_colour_of_skin_throughout_keeps_it() -> None:
    photo, mask = np.full((40, 40, 3), (224, 172, 140), np.uint8), np.full((40, 40), 255, np.uint8)
    assert product_colours(photo, mask, worn=True) == product_colours(photo, mask)


def test_a_mask_without_a_product_still_gets_a_word() -> None:
    photo, mask = np.full((40, 40, 3), 250, np.uint8), np.zeros((40, 40), np.uint8)
    assert product_colours(photo, mask) == (Share("grey", 1.0),)
