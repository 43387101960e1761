"""Strips together are the whole picture."""

import cv2
import numpy as np
import pytest

from services.inpainter.compose.strips import ROWS, Enlarged, strips, with_halo


def test_strips_cover_every_row_once() -> None:
    assert [(rows.start, rows.stop) for rows in strips(2 * ROWS + 3)] == [
        (0, ROWS),
        (ROWS, 2 * ROWS),
        (2 * ROWS, 2 * ROWS + 3),
    ]


def test_a_halo_stays_within_the_picture() -> None:
    assert with_halo(slice(0, 10), 4, 100) == (slice(0, 14), slice(0, 10))
    assert with_halo(slice(20, 30), 4, 32) == (slice(16, 32), slice(4, 14))


@pytest.mark.parametrize("cubic", [False, True])
@pytest.mark.parametrize("size", [(301, 777), (40, 31), (30, 20)])
def test_an_enlarged_map_is_what_a_resize_makes_of_it(cubic: bool, size: tuple[int, int]) -> None:
    small = np.random.default_rng(3).random((20, 30, 3), dtype=np.float32)
    whole = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR)
    enlarged = Enlarged.of(small, size, cubic=cubic)
    together = np.concatenate([enlarged.rows(rows) for rows in strips(size[1])])
    np.testing.assert_allclose(together, whole, atol=2e-6)
