"""What is to be painted, as pixel masks."""

import numpy as np

from services.trainer.model.lessons import masks


def test_the_hole_is_everything_but_the_product():
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 8:24] = 255
    for seed in range(20):
        hole = masks.around_product(mask, np.random.default_rng(seed))
        assert hole[12:20, 12:20].max() == 0 and hole[:5].min() == 1 and set(np.unique(hole)) == {0, 1}
    assert masks.everything((32, 32)).min() == 1


def test_a_plate_has_no_product_to_paint_around() -> None:
    hole = masks.drawn(np.zeros((32, 32), np.uint8), np.random.default_rng(0), product=1.0, all_=0.0)
    assert hole.min() == 1


def test_scattered_holes_leave_something_and_hide_something() -> None:
    shares = [float(masks.scattered((64, 48), np.random.default_rng(seed)).mean()) for seed in range(20)]
    assert all(0.0 < share < 1.0 for share in shares) and len(set(shares)) > 10
