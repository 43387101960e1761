"""Words over a photo are read by the real model; what looks like letters, or lies on the product, is none."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from shared.contracts.images import Pixels, decode_mask, decode_photo

from ..conftest import product_mask, scene

PHOTOS = Path(__file__).resolve().parents[5] / "samples" / "photos"


@pytest.fixture(scope="module")
def read() -> Callable[[Pixels, Pixels], float]:
    from services.curator.model.reading import WordReader

    return WordReader()


def advert(words: str, scale: float) -> Pixels:
    coarse = np.random.default_rng(1).integers(40, 180, (6, 6, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (600, 600), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.putText(picture, words, (30, 500), cv2.FONT_HERSHEY_SIMPLEX, scale, (250, 250, 250), 2))


@pytest.mark.parametrize(("words", "scale"), [("SUMMER SALE", 2.0), ("only 19.99 while stocks last", 0.7)])
def test_a_headline_and_small_print_are_words(
    read: Callable[[Pixels, Pixels], float], words: str, scale: float
) -> None:
    picture = advert(words, scale)
    assert 0.005 < read(picture, np.zeros((600, 600), np.uint8)) < 0.2
    mask = np.zeros((600, 600), np.uint8)
    mask[420:540] = 255
    assert read(picture, mask) == 0.0  # printed on the product


def test_a_photo_without_words_has_none_and_those_on_a_label_are_the_products(
    read: Callable[[Pixels, Pixels], float],
) -> None:
    assert read(scene(), product_mask()) == 0.0
    for name in ("candle-oak", "headphones-cream"):  # "natural care" on the candle; the bow of the headphones
        photo = decode_photo((PHOTOS / f"{name}.jpg").read_bytes())
        mask = decode_mask((PHOTOS / "masks" / f"{name}.png").read_bytes(), photo.size)
        assert read(photo.rgb, mask) == 0.0
