"""Shadows: where the light comes from, they are not."""

import numpy as np
import pytest

from bundled.quick.lighting import shadows
from bundled.quick.lighting.light import QuickLight
from bundled.quick.products.painting import paint

BASE_Y = 100.0


def box_under(direction, side, quality="hard"):
    product = paint(np.random.default_rng(2), 128, BASE_Y, 60.0, light_x=0.0, kind="box")
    lamp = QuickLight("neutral", direction, quality, "", np.ones(3, np.float32), side, 1.0)
    return product, lamp


@pytest.mark.parametrize(("direction", "side"), [("left", -1.0), ("right", 1.0)])
def test_a_standing_shadow_falls_away_from_the_light(direction, side):
    product, lamp = box_under(direction, side)
    lost = 1 - shadows.standing(product, lamp, np.random.default_rng(0))[: int(BASE_Y) - 8]
    centre = (lost * np.arange(128)).sum() / lost.sum()
    assert (centre - product.centre_x) * side < -5


def test_light_from_behind_throws_the_shadow_towards_the_camera():
    product, lamp = box_under("back", 0.0)
    left = shadows.standing(product, lamp, np.random.default_rng(0))
    assert left[: int(BASE_Y) - 16].min() > 0.99 and left[int(BASE_Y) + 14 :].min() < 0.7


def test_the_ground_is_darkest_where_the_product_stands_and_lit_far_from_it():
    product, lamp = box_under("front", 0.0, "soft")
    left = shadows.standing(product, lamp, np.random.default_rng(0))
    assert abs(np.unravel_index(left.argmin(), left.shape)[0] - BASE_Y) < 6
    assert left.shape == (128, 128) and left[:, 0].min() > 0.95 and 0 <= left.min() < left.max() <= 1


def test_a_product_at_the_lower_edge_keeps_its_foot_in_the_picture():
    product = paint(np.random.default_rng(2), 64, 63.5, 40.0, light_x=0.0, kind="jar")
    lamp = box_under("left", -1.0)[1]
    left = shadows.standing(product, lamp, np.random.default_rng(0))
    assert left.shape == (64, 64) and left[61:].min() < 0.4  # a cast shadow alone leaves more than half


def test_a_lying_shadow_moves_away_from_the_light():
    product, lamp = box_under("left", -1.0)
    lost = 1 - shadows.lying(product, lamp, np.random.default_rng(0))
    columns = np.arange(128)
    shadow_x = (lost * columns).sum() / lost.sum()
    product_x = (product.alpha * columns).sum() / product.alpha.sum()
    assert 2 < shadow_x - product_x < 9
