"""What stands behind the product."""

import numpy as np
import pytest

from services.segmenter.backdrops import read_backdrop, to_lab
from tests.fakes.studio import SIDE, blank, disc, with_product


def test_colours_are_lab() -> None:
    lab = to_lab(np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0]]], np.uint8))[0]
    assert lab[0] == pytest.approx([100, 0, 0], abs=0.1) and lab[1] == pytest.approx([0, 0, 0], abs=0.1)
    assert lab[2] == pytest.approx([53.2, 80.1, 67.2], abs=0.5)  # Lindbloom's value for sRGB red


def test_a_studio_ground_is_plain_and_everywhere_of_one_colour() -> None:
    backdrop = read_backdrop(to_lab(with_product(blank((236, 232, 224)), disc(), (30, 60, 190))))
    assert (backdrop.kind, backdrop.share) == ("plain", 1.0) and backdrop.noise < 0.1
    assert backdrop.ground[150, 160] == pytest.approx(to_lab(blank((236, 232, 224)))[0, 0], abs=0.1)


def test_light_that_falls_off_is_followed() -> None:
    fall = np.broadcast_to(np.linspace(255, 200, SIDE)[:, None, None], (SIDE, SIDE, 3)).astype(np.uint8)
    backdrop = read_backdrop(to_lab(fall))
    assert backdrop.kind == "plain"
    assert np.abs(backdrop.ground - to_lab(fall)).max() < 2.0


def test_a_product_that_covers_part_of_the_border_does_not_count() -> None:
    photo = blank()
    photo[:, :60] = (30, 60, 190)  # about a third of the border
    backdrop = read_backdrop(to_lab(photo))
    assert backdrop.kind == "plain" and backdrop.ground[0, 0] == pytest.approx([100, 0, 0], abs=0.5)
    assert 0.6 < backdrop.share < 0.7


def test_a_texture_is_a_scene() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    assert read_backdrop(to_lab(noise)).kind == "scene"
