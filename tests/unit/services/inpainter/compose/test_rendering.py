"""Whole pictures from strips."""

import numpy as np

from services.inpainter.compose.init_image import draw
from services.inpainter.compose.placement import Placed
from services.inpainter.compose.relighting import relight
from services.inpainter.compose.rendering import rendered
from services.inpainter.compose.strips import ROWS

HEIGHT = 2 * ROWS + 17


def placed() -> Placed:
    mask = np.zeros((HEIGHT, 40), np.uint8)
    mask[ROWS - 30 : ROWS + 30, 10:30] = 255  # over the seam of two strips
    photo = np.random.default_rng(1).integers(0, 255, (HEIGHT, 40, 3), dtype=np.uint8)
    return Placed(photo, mask, exact=True)


def test_the_product_is_the_photos_own_across_strips_and_the_ground_has_no_seam() -> None:
    product = placed()
    output = rendered(draw(None, {}, product, view="backdrop"), product)
    inside = product.mask == 255
    np.testing.assert_array_equal(output[inside], product.photo[inside])
    assert np.ptp(output[:, 0].astype(int), axis=0).max() == 0


def test_the_painters_light_reaches_every_strip() -> None:
    product = placed()
    small, nothing = np.full((24, 24, 3), 120, np.float32), np.zeros((24, 24), np.float32)
    start = draw(None, {}, product, view="backdrop")
    lit = rendered(start, product, relight(small, small * 0.8, nothing, 0.5, product.size))
    before = rendered(start, product)
    assert (lit[[0, ROWS, HEIGHT - 1], 0] < before[[0, ROWS, HEIGHT - 1], 0]).all()
