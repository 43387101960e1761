"""At the size that the painter works at, a product is what it is in the photo, and nothing around it is seen."""

from typing import Any

import numpy as np
import pytest

from services.inpainter.model.working_size import product_alone, working_size

MASK = np.zeros((100, 80), np.uint8)
MASK[31:90, 21:60] = 255


def photo(around: int) -> Any:
    start = np.random.default_rng(5).integers(0, 255, (100, 80, 3), dtype=np.uint8)
    return np.where(MASK[..., None] == 255, start, np.uint8(around))


def test_the_masked_picture_holds_nothing_of_what_surrounds_the_product() -> None:
    bright, dark = (product_alone(photo(around), MASK, (64, 64)) for around in (255, 0))
    np.testing.assert_array_equal(bright[0], dark[0])
    assert (bright[0][bright[1] == 0] == 0).all()


def test_a_working_pixel_of_the_masked_picture_has_the_products_own_mean() -> None:
    mask = np.zeros((128, 128), np.uint8)
    mask[:, :67] = 255  # the working pixel 33 is half product: columns 66 of 66 and 67
    image = np.where(mask[..., None] == 255, np.uint8(200), np.uint8(0)).repeat(3, axis=2)
    product, kept = product_alone(image, mask, (64, 64))
    assert kept[0, 32:35].tolist() == [1.0, 1.0, 0.0]
    np.testing.assert_allclose(product[0, 33], 200 / 127.5 - 1, atol=0.01)


@pytest.mark.parametrize(
    ("shape", "size"), [((1000, 1000), (192, 192)), ((1024, 825), (160, 192)), ((64, 900), (192, 64))]
)
def test_the_working_size_keeps_the_aspect_in_whole_cells(shape: tuple[int, int], size: tuple[int, int]) -> None:
    assert working_size(shape, 192) == size
