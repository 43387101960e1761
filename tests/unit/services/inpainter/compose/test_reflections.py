"""The mirror image under a product."""

import numpy as np

from services.inpainter.compose.placement import Placed
from services.inpainter.compose.reflections import mirror_in

GREY = np.full((400, 60, 3), 100, np.float32)


def placed() -> Placed:
    """A red box whose base is at row 200."""
    photo, mask = np.zeros((400, 60, 3), np.uint8), np.zeros((400, 60), np.uint8)
    mask[120:200, 15:45] = 255
    photo[mask == 255] = (250, 0, 0)
    return Placed(photo, mask, exact=True)


def test_glass_shows_the_product_below_its_base_fading_downwards() -> None:
    mirror = mirror_in(placed(), "glass")
    assert mirror is not None
    shown = mirror.over(GREY, slice(0, 400))
    assert shown[205, 30, 0] > shown[240, 30, 0] > 100
    assert shown[205, 30, 1] < 100
    np.testing.assert_array_equal(shown[:190], GREY[:190])


def test_strips_of_rows_show_what_the_whole_shows() -> None:
    mirror = mirror_in(placed(), "glass")
    assert mirror is not None
    whole = mirror.over(GREY, slice(0, 400))
    parts = [mirror.over(GREY[top : top + 50], slice(top, top + 50)) for top in range(0, 400, 50)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-3)


def test_matt_surfaces_are_no_mirrors() -> None:
    assert mirror_in(placed(), "linen") is None
    assert mirror_in(placed(), None) is None
