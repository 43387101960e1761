"""What is measured on drawn pictures whose answer is known."""

import cv2
import numpy as np
import pytest

from services.curator.pixels.looks import looks, parts, phash
from shared.contracts.images import Pixels

from ..conftest import product_mask, scene


def test_blur_lowers_the_sharpness_of_the_sharpest_tenth() -> None:
    sharp = scene()
    blurred = cv2.GaussianBlur(sharp, (0, 0), 4)
    half = sharp.copy()
    half[:, :160] = blurred[:, :160]
    measured = [looks(np.asarray(picture), product_mask()).sharpness for picture in (sharp, half, blurred)]
    assert measured[0] > 200 and measured[1] > 200  # a soft half is a soft backdrop
    assert measured[2] < 40


def test_exposure_is_measured_as_shares() -> None:
    black = np.zeros((300, 300, 3), dtype=np.uint8)
    black[:, 150:] = 255
    seen = looks(black, np.zeros((300, 300), dtype=np.uint8))
    assert seen.brightness == pytest.approx(0.5) and seen.contrast == pytest.approx(1.0)
    assert seen.clipped == pytest.approx(1.0) and (seen.width, seen.height) == (300, 300)


def test_an_advert_has_text_and_a_scene_has_none() -> None:
    plain = _soft(900)
    advert = plain.copy()
    cv2.putText(advert, "SUMMER SALE 50%", (40, 120), cv2.FONT_HERSHEY_SIMPLEX, 2.4, (250, 250, 250), 6)
    nothing = np.zeros((900, 900), dtype=np.uint8)
    assert looks(plain, nothing).text == 0.0
    assert looks(scene(), product_mask()).text == 0.0
    assert 0.01 < looks(advert, nothing).text < 0.2


def test_text_on_the_product_is_its_own() -> None:
    book = _soft(900)
    cv2.putText(book, "SUMMER SALE 50%", (40, 120), cv2.FONT_HERSHEY_SIMPLEX, 2.4, (250, 250, 250), 6)
    mask = np.zeros((900, 900), dtype=np.uint8)
    mask[20:180, 10:890] = 255
    assert looks(book, mask).text == 0.0


def test_small_pieces_are_not_parts() -> None:
    mask = np.zeros((200, 200), dtype=np.uint8)
    mask[20:100, 20:90] = 255
    mask[20:100, 110:180] = 255
    mask[150:155, 150:155] = 255
    assert parts(mask) == 2


def test_the_hash_survives_a_smaller_jpeg_and_tells_scenes_apart() -> None:
    picture = scene(1)
    small = cv2.resize(picture, (200, 200), interpolation=cv2.INTER_AREA)
    packed = cv2.imdecode(cv2.imencode(".jpg", small, [1, 60])[1], 1)
    assert _bits(picture, np.asarray(packed)) <= 3
    assert _bits(picture, scene(2)) >= 16


def _bits(one: Pixels, other: Pixels) -> int:
    hashes = [phash(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))) for picture in (one, other)]
    return (hashes[0] ^ hashes[1]).bit_count()


def _soft(side: int) -> Pixels:
    ramp = np.linspace(60, 140, side, dtype=np.float32)
    return np.repeat(np.add.outer(ramp, ramp)[..., None] / 2, 3, axis=2).astype(np.uint8)
