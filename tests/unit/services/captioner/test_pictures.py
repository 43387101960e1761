"""What the model is shown."""

import numpy as np

from services.captioner.pictures import GREY, without_product


def test_the_product_and_its_rim_are_grey_and_the_rest_is_untouched() -> None:
    photo, mask = np.full((100, 100, 3), 9, np.uint8), np.zeros((100, 100), np.uint8)
    mask[40:60, 40:60] = 255
    shown = without_product(photo, mask)
    assert (shown[39:61, 39:61] == GREY).all()
    assert (shown[:36] == 9).all()
    assert (photo == 9).all()
