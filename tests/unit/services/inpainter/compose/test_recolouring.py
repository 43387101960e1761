"""Walls in another colour."""

import numpy as np
import pytest

from services.inpainter.compose.recolouring import repaint
from shared.contracts.images import Pixels


@pytest.fixture
def wall() -> Pixels:
    """Grey, darker to the right."""
    return np.repeat(np.linspace(180, 120, 50, dtype=np.uint8)[None, :, None], 40, axis=0).repeat(3, axis=2)


def test_a_wall_becomes_the_colour_and_keeps_its_shading(wall: Pixels) -> None:
    red = repaint(wall, "red", np.ones((40, 50), np.float32))
    mean = red.mean(axis=(0, 1))
    assert mean[0] > mean[1] + 60 and mean[0] > mean[2] + 60
    assert red[0, 0, 0] > red[0, -1, 0] + 15


def test_only_the_region_is_painted(wall: Pixels) -> None:
    where = np.zeros((40, 50), np.float32)
    where[:20] = 1
    painted = repaint(wall, "navy", where)
    np.testing.assert_array_equal(painted[20:], wall[20:])
    assert (painted[:20] != wall[:20]).any()


def test_a_region_of_nothing_changes_nothing(wall: Pixels) -> None:
    assert repaint(wall, "red", np.zeros((40, 50), np.float32)) is wall
