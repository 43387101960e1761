"""Walls in another colour."""

import numpy as np
import pytest

from services.inpainter.compose.recolouring import repaint
from services.inpainter.plates.colouring import Coat
from shared.contracts.images import Pixels


@pytest.fixture
def wall() -> Pixels:
    """Grey, darker to the right."""
    return np.repeat(np.linspace(180, 120, 50, dtype=np.uint8)[None, :, None], 40, axis=0).repeat(3, axis=2)


def test_a_wall_becomes_the_colour_and_keeps_its_shading(wall: Pixels) -> None:
    red = repaint(wall, Coat("red"), np.ones((40, 50), np.float32))
    mean = red.mean(axis=(0, 1))
    assert mean[0] > mean[1] + 60 and mean[0] > mean[2] + 60
    assert red[0, 0, 0] > red[0, -1, 0] + 15


def test_only_the_region_is_painted(wall: Pixels) -> None:
    where = np.zeros((40, 50), np.float32)
    where[:20] = 1
    painted = repaint(wall, Coat("navy"), where)
    np.testing.assert_array_equal(painted[20:], wall[20:])
    assert (painted[:20] != wall[:20]).any()


def test_a_region_of_nothing_changes_nothing(wall: Pixels) -> None:
    assert repaint(wall, Coat("red"), np.zeros((40, 50), np.float32)) is wall


def test_white_marble_with_dark_veins_becomes_black_marble_with_light_ones() -> None:
    marble = np.full((64, 64, 3), 225, np.uint8)
    marble[:, 30:32] = 190
    black = repaint(marble, Coat("black", "veined"), np.ones((64, 64), np.float32)).astype(int)
    assert black.mean() < 60
    assert black[:, 30:32].mean() > black[:, 5:20].mean() + 10
    pink = repaint(marble, Coat("pink", "veined"), np.ones((64, 64), np.float32)).astype(int)
    assert pink[:, 30:32].mean() < pink[:, 5:20].mean() - 10


def test_lights_take_a_tint_and_shine_as_they_did() -> None:
    lights = np.full((32, 32, 3), (40, 30, 20), np.uint8)
    lights[10:14, 10:14] = (250, 200, 120)
    blue = repaint(lights, Coat("blue", "tinted"), np.ones((32, 32), np.float32)).astype(int)
    assert blue[0, 0, 2] > blue[0, 0, 0]
    assert blue[11, 11].mean() > blue[0, 0].mean() + 80
