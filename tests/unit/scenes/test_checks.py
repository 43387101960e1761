"""The looks that are taken at finished data."""

import numpy as np

from scenes.checks import near_duplicates, paint_distance
from scenes.sheets import grid


def test_the_same_picture_with_a_little_noise_counts_as_a_duplicate() -> None:
    noise = np.random.RandomState(0)
    first, other = noise.randint(0, 255, (2, 16, 16)).astype(np.uint8)
    again = np.clip(first.astype(int) + noise.randint(-2, 3, first.shape), 0, 255).astype(np.uint8)
    assert near_duplicates(np.stack([first, other, again])) == 1


def test_a_wall_is_measured_by_its_hue_not_by_its_shade() -> None:
    dim_sage = np.full((32, 32, 3), (100, 122, 108), np.uint8)  # blue, green, red
    nothing = np.zeros((32, 32), np.uint8)
    assert paint_distance(dim_sage, nothing, "sage green") < 15
    assert paint_distance(dim_sage, nothing, "red") > 40


def test_a_sheet_fills_its_last_row() -> None:
    assert grid([np.zeros((4, 5, 3), np.uint8)] * 7, 3).shape == (12, 15, 3)
