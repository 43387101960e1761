"""One small scene through the real renderer, where it is installed."""

import numpy as np
import pytest

pytest.importorskip("bpy", reason="the studio's own environment is not in use; run this with scenes/.venv/bin/python")


def test_a_scene_is_drawn_and_drawn_again_alike() -> None:
    from scenes import photographs
    from scenes.plan import Light, Plan

    plan = Plan(3, "standing", "wood", "oak", "wall", "light grey", Light("neutral", "left", "soft"), "mug", "red")
    first = photographs.take(plan, size=64, samples=2, with_plate=True)
    again = photographs.take(plan, size=64, samples=2)
    assert first.picture.shape == (64, 64, 3)
    assert 0.05 < first.mask.mean() < 0.5
    assert np.array_equal(first.picture, again.picture)
    outside = first.mask == 0
    assert np.abs(first.picture[outside].astype(int) - first.plate[outside].astype(int)).mean() < 25


def test_every_surface_backdrop_and_product_has_a_builder() -> None:
    from scenes import backdrops, products, surfaces, vocabulary
    from scenes.catalogue import PRODUCTS

    assert set(backdrops.BUILDERS) == set(vocabulary.BACKDROPS)
    assert set(surfaces.BUILDERS) == set(vocabulary.SURFACES)
    assert set(products.BUILDERS) == set(PRODUCTS)
