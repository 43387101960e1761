"""Each refusal with its reason, and what must not be refused: pairs, kits, people cut at top and bottom."""

import cv2
import numpy as np
import pytest

from services.segmenter.verdicts import REASONS, PhotoRefusal, contact, verdict
from shared.contracts.images import Pixels

SIDE = 300
GREY = np.full((SIDE, SIDE, 3), 128, np.uint8)


def boxes(*rectangles: tuple[int, int, int, int]) -> Pixels:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for left, top, width, height in rectangles:
        mask[top : top + height, left : left + width] = 1
    return mask


def judge(mask: Pixels, rgb: Pixels = GREY, confidence: float = 0.9) -> PhotoRefusal | None:
    return verdict(rgb, mask > 0, confidence, least_confidence=0.35)


def reason(mask: Pixels, rgb: Pixels = GREY, confidence: float = 0.9) -> str | None:
    refusal = judge(mask, rgb, confidence)
    if refusal is not None:
        assert refusal.reason in REASONS and len(refusal.detail) > 20
    return refusal.reason if refusal else None


def test_one_whole_product_is_accepted() -> None:
    assert judge(boxes((80, 60, 140, 180))) is None


def test_an_empty_mask_is_no_product() -> None:
    assert reason(boxes()) == "no_product"


def test_a_speck_is_no_product() -> None:
    assert reason(boxes((10, 10, 8, 8))) == "no_product"


def test_two_separate_products_of_other_colours_are_refused() -> None:
    photo = GREY.copy()
    photo[:, :150], photo[:, 150:] = (200, 20, 20), (20, 20, 200)
    assert reason(boxes((20, 80, 90, 120), (180, 80, 90, 120)), photo) == "several_products"


def test_a_pair_of_equal_shoes_is_one_product() -> None:
    assert judge(boxes((20, 80, 90, 120), (180, 80, 90, 120))) is None


def test_two_products_that_nearly_touch_are_one_arrangement() -> None:
    photo = GREY.copy()
    photo[:, :150], photo[:, 150:] = (200, 20, 20), (20, 20, 200)
    assert judge(boxes((40, 80, 100, 120), (155, 80, 100, 120)), photo) is None


def test_a_kit_of_many_parts_is_one_product() -> None:
    rng = np.random.default_rng(1)
    photo = rng.integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)
    parts = [(20, 20, 60, 60), (200, 30, 20, 20), (30, 200, 25, 25), (210, 210, 60, 20), (120, 130, 20, 50)]
    assert judge(boxes(*parts), photo) is None


def test_a_small_accessory_beside_the_product_is_accepted() -> None:
    photo = GREY.copy()
    photo[:, :190], photo[:, 190:] = (200, 20, 20), (20, 20, 200)
    assert judge(boxes((20, 60, 150, 180), (240, 150, 30, 30)), photo) is None


def test_a_product_cut_at_three_sides_is_refused_and_the_sides_are_named() -> None:
    refusal = judge(boxes((0, 100, 300, 200)))
    assert refusal is not None and refusal.reason == "product_cut_by_frame"
    assert "left, right, bottom" in refusal.detail


def test_a_person_cut_at_top_and_bottom_is_accepted() -> None:
    assert judge(boxes((90, 0, 120, 300))) is None


def test_a_large_ball_that_just_touches_all_four_sides_is_accepted() -> None:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, (150, 150), 150, 1, -1)
    assert judge(mask) is None


def test_a_product_that_fills_the_frame_is_refused() -> None:
    assert reason(boxes((2, 2, 296, 296))) == "product_cut_by_frame"


def test_a_page_of_text_is_refused() -> None:
    page = np.zeros((SIDE, SIDE), np.uint8)
    for row in range(8):
        cv2.putText(page, "SALE NOW 50", (10, 30 + 33 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 1, 3)
    assert reason(page) == "text_dominant"


def test_a_kit_of_thirty_beads_is_not_text() -> None:
    rng = np.random.default_rng(7)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for index in range(30):
        cv2.circle(mask, (25 + 50 * (index % 6), int(25 + 50 * (index // 6) + rng.integers(-12, 12))), 11, 1, -1)
    assert reason(mask) != "text_dominant"


def test_an_unsure_mask_is_refused_as_such() -> None:
    assert reason(boxes((80, 60, 140, 180)), confidence=0.2) == "low_confidence"


def test_contact_tells_how_much_of_each_side_is_touched() -> None:
    assert contact(boxes((0, 0, 150, 30)) > 0) == pytest.approx({"left": 0.1, "top": 0.5, "right": 0.0, "bottom": 0.0})


def test_a_product_with_lines_of_print_beside_it_is_not_a_page_of_text() -> None:
    print_ = [(10 + 14 * column, 210 + 20 * row, 8, 10) for row in range(3) for column in range(18)]
    assert reason(boxes((60, 30, 180, 150), *print_)) != "text_dominant"
