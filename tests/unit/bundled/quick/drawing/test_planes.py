"""Planes and pixels: the same picture both ways, blended, softened and scaled down."""

import cv2
import numpy as np
import pytest

from bundled.quick.drawing.planes import blend, per_plane, pixels_of, planes_of, shrunk, softened


def test_pixels_survive_the_way_to_planes_and_back():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    planes = planes_of(pixels)
    assert planes.shape == (3, 5, 7) and planes.dtype == np.float32
    assert np.array_equal(pixels_of(planes / 255), pixels)


def test_what_is_brighter_than_one_is_white():
    assert pixels_of(np.full((3, 2, 2), 1.7, np.float32)).min() == 255


def test_blending_goes_as_far_as_the_cover_says():
    below = np.zeros((3, 1, 2), np.float32)
    blend(below, per_plane(np.asarray([1.0, 0.5, 0.0], np.float32)), np.asarray([[0.0, 0.5]], np.float32))
    assert below[:, 0, 0].tolist() == [0, 0, 0] and below[:, 0, 1].tolist() == [0.5, 0.25, 0]


@pytest.mark.parametrize("sigma_px", [1.0, 3.0, 6.0])
def test_a_wide_blur_made_small_is_close_to_the_full_one(sigma_px):
    square = np.zeros((96, 96), np.float32)
    square[30:62, 40:70] = 1
    full = cv2.GaussianBlur(square, (0, 0), sigma_px)
    assert np.abs(softened(square, sigma_px) - full).max() < 0.05


def test_a_narrow_strip_is_blurred_as_it_is():
    assert softened(np.ones((3, 40, 3), np.uint8), 6.0).shape == (3, 40, 3)


@pytest.mark.parametrize("smaller", [2, 4, 8])
def test_scaling_down_averages_every_block(smaller):
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    blocks = pixels.reshape(64 // smaller, smaller, 64 // smaller, smaller, 3).mean((1, 3))
    assert np.abs(shrunk(pixels, 64 // smaller, 64 // smaller) - blocks).max() <= 2  # each halving rounds


def test_scaling_down_unequally_meets_the_size():
    assert shrunk(np.zeros((250, 200, 3), np.uint8), 128, 66).shape == (66, 128, 3)
