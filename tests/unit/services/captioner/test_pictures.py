"""What the model is shown."""

import cv2
import numpy as np
import pytest

from services.captioner.pictures import GREY, MARGIN, without_product


def test_the_product_and_its_rim_are_grey_and_the_rest_is_untouched() -> None:
    photo, mask = np.full((100, 100, 3), 9, np.uint8), np.zeros((100, 100), np.uint8)
    mask[40:60, 40:60] = 255
    shown = without_product(photo, mask)
    assert (shown[39:61, 39:61] == GREY).all()
    assert (shown[:36] == 9).all()
    assert (photo == 9).all()


@pytest.mark.parametrize("shape", [(40, 50), (32, 3000), (3000, 32)])
def test_the_rim_is_as_wide_on_all_sides_however_long_the_picture_is(shape: tuple[int, int]) -> None:
    mask = (np.random.default_rng(0).random(shape) > 0.9995).astype(np.uint8) * 255
    side = 2 * round(MARGIN * max(shape)) + 1
    wanted = cv2.dilate(mask, np.ones((side, side), np.uint8)) > 0
    shown = without_product(np.zeros((*shape, 3), np.uint8), mask)
    assert ((shown == GREY).all(axis=2) == wanted).all() and wanted.any() and not wanted.all()
