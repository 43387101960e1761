"""The exact outline on a plain ground."""

import cv2
import numpy as np
import pytest

from services.segmenter.backdrops import read_backdrop, to_lab
from services.segmenter.edges import cut_plain, frame, joined, settle_edge, soft_edge, without_dust
from tests.fakes.studio import blank, disc, iou, with_product

BLUE = (30, 60, 190)


def cut(rgb: np.ndarray, likely: np.ndarray) -> np.ndarray:
    lab = to_lab(rgb)
    return cut_plain(lab, read_backdrop(lab), (likely > 0).astype(np.float32))


def test_the_outline_is_the_colours_not_the_coarse_masks() -> None:
    found = cut(with_product(blank(), disc(), BLUE), disc((170, 160), 60))
    assert iou(np.where(found, 255, 0).astype(np.uint8), disc()) > 0.98


def white_cloth(grain: float) -> np.ndarray:
    """A white disc on a ground that is blown out, its left side as good as white too."""
    light = 253.4 - 60 * np.clip(np.linspace(0, 1, 320) - 0.42, 0, 1)
    cloth = light[None] + np.random.default_rng(5).normal(0, grain, (320, 320))
    seen = np.where(disc() > 0, np.clip(cloth, 0, 255).round(), 255).astype(np.uint8)
    return np.repeat(seen[..., None], 3, axis=2)


def test_of_white_cloth_on_blown_out_white_the_outline_is_whole() -> None:
    found = cut(white_cloth(grain=0.5), disc())
    assert iou(np.where(found, 255, 0).astype(np.uint8), disc()) > 0.94


@pytest.mark.parametrize(
    ("middle", "likely", "least", "most"),
    [(160, 0.32, 0.95, 1.0), (160, 0.25, 0.0, 0.1), (300, 0.32, 0.0, 0.1), (300, 0.4, 0.9, 1.0)],
    ids=["cloth", "shadow", "a shadow that the frame cuts", "cloth that the frame cuts"],
)
def test_what_is_as_smooth_as_a_faint_shadow_is_the_products_where_the_model_thinks_so(
    middle: int, likely: float, least: float, most: float
) -> None:
    rgb, there = blank(), disc((middle, 160), 60)
    rgb[there > 0] = 249
    lab = to_lab(rgb)
    found = cut_plain(lab, read_backdrop(lab), np.where(there > 0, likely, 0).astype(np.float32))
    assert least <= iou(np.where(found, 255, 0).astype(np.uint8), there) <= most


def test_a_hole_with_a_sharp_rim_is_ground_and_a_dull_patch_is_not() -> None:
    ring = disc()
    cv2.circle(ring, (160, 150), 20, 0, -1)
    assert not cut(with_product(blank(), ring, BLUE), disc())[150, 160]
    printed = with_product(blank(), disc(), BLUE)
    cv2.circle(printed, (160, 150), 20, (236, 236, 236), -1)  # a print that is almost white
    assert cut(printed, disc())[150, 160]


def test_dust_goes_and_what_is_comparable_stays() -> None:
    mask = disc() > 0
    mask[5:7, 5:7] = True
    mask[280:310, 20:50] = True
    cleaned = without_dust(mask)
    assert not cleaned[6, 6] and cleaned[290, 30] and cleaned[150, 160]
    assert (without_dust(disc() > 0) == (disc() > 0)).all()


def test_only_what_touches_the_seed_is_joined() -> None:
    where = np.zeros((9, 9), bool)
    where[1:3, 1:3] = where[6:8, 6:8] = True
    seed = np.zeros((9, 9), bool)
    seed[1, 1] = True
    assert joined(where, seed)[2, 2] and not joined(where, seed)[7, 7]


def test_the_frame_is_the_outermost_pixels() -> None:
    assert frame((4, 5)).sum() == 14 and not frame((4, 5))[1:3, 1:4].any()


def test_an_edge_that_lies_too_far_out_settles_where_the_colours_change() -> None:
    lab = to_lab(with_product(blank(), disc(), BLUE))
    settled = settle_edge(lab, disc(radius=72) > 0, 3)
    assert iou(np.where(settled, 255, 0).astype(np.uint8), disc()) > 0.985


def test_a_soft_edge_says_how_much_of_each_pixel_is_product() -> None:
    grey = np.array([220, 220, 220, 220, 140, 60, 60, 60, 60, 60], np.uint8)  # half of the fifth pixel, in lightness
    rgb = np.repeat(np.tile(grey, (12, 1))[..., None], 3, axis=2)
    lab = to_lab(rgb)
    share = (lab[0, 0, 0] - lab[0, 4, 0]) / (lab[0, 0, 0] - lab[0, 9, 0])
    inside, outside = (soft_edge(lab, np.tile(np.arange(10) >= first, (12, 1)))[6] for first in (4, 5))
    assert (inside >= 128).tolist() == [False] * 4 + [True] * 6 and (outside >= 128).tolist() == [False] * 5 + [
        True
    ] * 5
    assert inside[4] == max(128, int(255 * share)) and outside[4] == min(127, int(255 * share))
    assert not inside[:4].any() and (outside[5:] == 255).all()


def test_nothing_has_no_edge() -> None:
    lab = to_lab(blank())
    nothing = np.zeros(lab.shape[:2], bool)
    assert not settle_edge(lab, nothing, 3).any() and not soft_edge(lab, nothing).any()


def test_a_soft_edge_scaled_up_has_no_steps() -> None:
    height = width = 240
    large = np.zeros((4 * height, 4 * width), np.uint8)
    cv2.fillPoly(large, [np.array([(200, 150), (800, 260), (700, 820), (120, 600)])], 255)
    share = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)[..., None] / 255.0
    rgb = (235 * (1 - share) + np.array(BLUE) * share).astype(np.uint8)
    hard = share[..., 0] >= 0.5
    stepped, smooth = (
        cv2.resize(mask, (4 * width, 4 * height), interpolation=cv2.INTER_CUBIC) >= 128
        for mask in (np.where(hard, 255, 0).astype(np.uint8), soft_edge(to_lab(rgb), hard))
    )
    wrong_stepped, wrong_smooth = (int((mask != (large > 0)).sum()) for mask in (stepped, smooth))
    assert wrong_smooth < 0.5 * wrong_stepped
