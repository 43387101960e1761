"""One small scene through the real renderer, where it is installed."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip(
    "bpy", reason="the studio's own environment is not in use; run this with bundled/studio/.venv/bin/python"
)


def test_a_scene_is_drawn_and_drawn_again_alike() -> None:
    from bundled.studio.plan.scene import Plan, PlannedLight
    from bundled.studio.render import photograph

    plan = Plan(
        3, "standing", "wood", "oak", "wall", "light grey", PlannedLight("neutral", "left", "soft"), "mug", "red"
    )
    first = photograph.take(plan, size=64, samples=2, with_plate=True)
    again = photograph.take(plan, size=64, samples=2)
    assert first.picture.shape == (64, 64, 3)
    assert 0.05 < first.mask.mean() < 0.5
    assert np.array_equal(first.picture, again.picture)
    outside = first.mask == 0
    assert np.abs(first.picture[outside].astype(int) - first.plate[outside].astype(int)).mean() < 25


def test_a_baked_tile_is_drawn_once_and_stands_in_for_its_pattern(tmp_path: Path) -> None:
    from bundled.studio.plan.scene import Plan, PlannedLight
    from bundled.studio.render import photograph
    from bundled.studio.render.tiles import TileBank

    plan = Plan(
        3, "standing", "wood", "oak", "brick", "red brick", PlannedLight("neutral", "left", "soft"), "mug", "red"
    )
    first = photograph.take(plan, size=64, samples=2, bank=TileBank(tmp_path))
    baked = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = photograph.take(plan, size=64, samples=2, bank=TileBank(tmp_path))
    assert sorted(path.suffix for path in baked) == [".exr", ".exr", ".jpg", ".jpg"]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == baked
    assert np.array_equal(first.picture, again.picture)
    worked_out = photograph.take(plan, size=64, samples=2).picture.reshape(-1, 3).mean(0)
    assert np.abs(first.picture.reshape(-1, 3).mean(0) - worked_out).max() < 25


def test_a_red_wall_is_red_and_a_blue_one_blue() -> None:
    from bundled.studio.plan.scene import Plan, PlannedLight
    from bundled.studio.render import photograph

    for colour, strongest in (("red", 0), ("blue", 2)):
        plan = Plan(
            5, "standing", "paper", "white", "wall", colour, PlannedLight("neutral", "left", "soft"), "mug", "grey"
        )
        top = photograph.take(plan, size=48, samples=2).picture[:8].reshape(-1, 3).mean(0)
        others = np.delete(top, strongest)
        assert top[strongest] > 1.3 * others.max()


def test_every_surface_backdrop_and_product_has_a_builder() -> None:
    from bundled.studio.plan import vocabulary
    from bundled.studio.plan.catalogue import PRODUCTS
    from bundled.studio.render import backdrops, products, surfaces

    assert set(backdrops.BUILDERS) == set(vocabulary.BACKDROPS)
    assert set(surfaces.BUILDERS) == set(vocabulary.SURFACES)
    assert set(products.BUILDERS) == set(PRODUCTS)
