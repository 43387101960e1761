"""The product's pixels and its edge."""

import numpy as np

from services.inpainter.compose.compositing import composite, edge


def test_product_pixels_are_the_photos_own_and_the_white_rim_is_gone() -> None:
    photo = np.full((40, 40, 3), 255, np.uint8)
    photo[10:30, 10:30] = (200, 20, 20)
    photo[9, 10:30] = (228, 138, 138)  # half product, half white: the packshot's soft edge
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, 10:30] = 255
    output = composite(np.full((40, 40, 3), 30, np.float32), photo, mask, edge(photo, mask), slice(0, len(mask)))
    np.testing.assert_array_equal(output[10:30, 10:30], photo[10:30, 10:30])
    assert 60 < output[9, 20, 0] < 180, "red over dark, not pink over white"
    assert output[9, 20, 1] < 60
    assert output[5, 20].tolist() == [30, 30, 30]


def test_a_mask_of_one_column_and_a_mask_of_everything_work() -> None:
    photo = np.random.default_rng(0).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    for mask in (np.zeros((20, 20), np.uint8), np.full((20, 20), 255, np.uint8)):
        mask[:, 7] = 255
        output = composite(np.zeros((20, 20, 3), np.float32), photo, mask, edge(photo, mask), slice(0, len(mask)))
        np.testing.assert_array_equal(output[mask == 255], photo[mask == 255])


def test_a_product_that_is_far_from_the_frame_leaves_the_rest_to_the_background() -> None:
    photo, mask = np.full((900, 60, 3), 9, np.uint8), np.zeros((900, 60), np.uint8)
    mask[700:720, 30:40] = 255
    soft, background = edge(photo, mask), np.full((300, 60, 3), 77, np.float32)
    assert soft.alpha.shape == (20 + 2 * 4, 10 + 2 * 4)
    assert (composite(background, photo, mask, soft, slice(0, 300)) == 77).all()
    output = composite(background, photo, mask, soft, slice(600, 900))
    assert (output[100:120, 30:40] == 9).all() and (output[:95] == 77).all()
