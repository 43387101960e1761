"""The looks that are taken at finished data."""

import numpy as np

from bundled.studio.tools.checks import claims, fits, near_duplicates
from bundled.studio.tools.sheets import grid


def test_the_same_picture_with_a_little_noise_counts_as_a_duplicate() -> None:
    noise = np.random.RandomState(0)
    first, other = noise.randint(0, 255, (2, 16, 16, 3)).astype(np.uint8)
    again = np.clip(first.astype(int) + noise.randint(-2, 3, first.shape), 0, 255).astype(np.uint8)
    masks = np.full((3, 16, 16), 255, np.uint8)
    assert near_duplicates(np.stack([first, other, again]), masks) == 1


def test_two_white_products_on_white_are_no_duplicates_when_their_outlines_differ() -> None:
    white = np.full((2, 16, 16, 3), 240, np.uint8)
    masks = np.zeros((2, 16, 16), np.uint8)
    masks[0, 4:12, 4:12], masks[1, 4:12, 6:14] = 255, 255
    assert near_duplicates(white, masks) == 0
    assert near_duplicates(white, masks[[0, 0]]) == 1


def test_a_red_and_a_brown_lipstick_of_one_shape_are_no_duplicates() -> None:
    pictures = np.full((2, 16, 16, 3), 240, np.uint8)
    pictures[0, 6:10, 7:9], pictures[1, 6:10, 7:9] = (60, 60, 190), (70, 90, 130)
    masks = np.zeros((2, 16, 16), np.uint8)
    masks[:, 6:10, 7:9] = 255
    assert near_duplicates(pictures, masks) == 0


def test_a_wall_may_be_in_shade_but_not_of_another_hue_or_washed_out() -> None:
    dim_sage = np.full((32, 3), (112, 140, 124), np.uint8)  # blue, green, red
    assert fits(dim_sage, "sage green", 25)
    assert not fits(dim_sage, "red", 25)
    coral, lavender = np.full((9, 3), (120, 130, 255), np.uint8), np.full((9, 3), (230, 140, 175), np.uint8)
    assert not fits(coral, "red", 25)
    assert not fits(lavender, "purple", 25)


def test_the_colours_of_wall_and_surface_are_looked_for_where_they_are() -> None:
    picture = np.full((64, 64, 3), (44, 49, 179), np.uint8)  # red
    picture[32:] = (176, 111, 63)  # blue
    said = {"view": "standing", "backdrop": "wall", "backdrop_variant": "red", "surface": "paper"}
    nothing = np.zeros((64, 64), np.uint8)
    right = claims(picture, nothing, {**said, "surface_variant": "blue"})
    wrong = claims(picture, nothing, {**said, "surface_variant": "red"})
    assert right == [("wall", "red", True), ("surface", "blue", True)]
    assert wrong == [("wall", "red", True), ("surface", "red", False)]


def test_a_sheet_fills_its_last_row() -> None:
    assert grid([np.zeros((4, 5, 3), np.uint8)] * 7, 3).shape == (12, 15, 3)
