"""Light from a small picture on the detail of a large one."""

import numpy as np
import pytest

from services.inpainter.compose.relighting import Floats, own_share
from services.inpainter.compose.relighting import relight as relight_rows

RNG = np.random.default_rng(0)
PLATE = RNG.uniform(60, 200, (128, 128, 3)).astype(np.float32)
SMALL = np.full((32, 32, 3), 120, np.float32)
NOTHING = np.zeros((32, 32), np.float32)


def relight(plate: Floats, before: Floats, after: Floats, mask: Floats, strength: float) -> Floats:
    """All rows of it."""
    height, width = plate.shape[:2]
    return relight_rows(before, after, mask, strength, (width, height)).rows(plate, slice(0, height))


def test_an_unchanged_small_picture_leaves_the_plate_as_it_is() -> None:
    np.testing.assert_allclose(relight(PLATE, SMALL, SMALL, NOTHING, 0.4), PLATE, atol=0.5)


def test_brighter_light_brightens_the_plate_and_keeps_its_texture() -> None:
    lit = relight(PLATE, SMALL, SMALL * 1.2, NOTHING, 0.5)
    assert 1.08 < lit.mean() / PLATE.mean() < 1.2
    assert np.corrcoef(lit.ravel(), PLATE.ravel())[0, 1] > 0.99


def test_noise_of_a_weak_painter_hardly_shows() -> None:
    before = np.full((128, 128, 3), 120, np.float32)
    noisy = np.clip(before + RNG.normal(0, 40, before.shape), 0, 255).astype(np.float32)
    nothing = np.zeros((128, 128), np.float32)
    assert np.abs(relight(PLATE, before, noisy, nothing, 0.3) / PLATE - 1).mean() < 0.04


def test_what_the_painter_did_to_the_product_does_not_reach_the_background() -> None:
    mask = NOTHING.copy()
    mask[10:22, 10:22] = 1
    after = SMALL.copy()
    after[10:22, 10:22] = 255
    outside = np.repeat(np.repeat(mask, 4, axis=0), 4, axis=1) == 0
    np.testing.assert_allclose(relight(PLATE, SMALL, after, mask, 0.5)[outside], PLATE[outside], atol=4)


def test_text_alone_shows_the_painters_own_picture() -> None:
    out = relight(PLATE, SMALL, np.full((32, 32, 3), 200, np.float32), NOTHING, 1.0)
    assert abs(float(out.mean()) - 200) < 2


def test_rows_made_apart_are_the_rows_of_the_whole() -> None:
    lit = relight_rows(SMALL, SMALL * 1.3, NOTHING, 0.8, (128, 600))
    plate = np.resize(PLATE, (600, 128, 3))
    whole = lit.rows(plate, slice(0, 600))
    part = lit.rows(plate[256:512], slice(256, 512))
    np.testing.assert_allclose(part, whole[256:512], atol=8)  # the grain differs, the picture does not
    assert abs(float((part - whole[256:512]).mean())) < 0.05


def test_a_plate_is_left_gradually() -> None:
    assert own_share(0.6) == 0.0
    assert own_share(0.775) == pytest.approx(0.5)
    assert own_share(0.95) == 1.0
