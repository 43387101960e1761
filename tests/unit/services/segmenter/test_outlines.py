"""The exact outline of a product in a scene."""

import cv2
import numpy as np

from services.segmenter.backdrops import to_lab
from services.segmenter.outlines import cut_scene
from tests.fakes.studio import SIDE, disc, iou, with_product

GROUND = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8), (0, 0), 3)
PHOTO = with_product(GROUND, disc(), (230, 30, 40))


def cut(likely: np.ndarray) -> np.ndarray:
    return cut_scene(PHOTO, to_lab(PHOTO), likely.astype(np.float32))


def test_a_coarse_mask_grows_to_the_products_edge() -> None:
    found = np.where(cut(disc(radius=62) > 0), 255, 0).astype(np.uint8)
    assert iou(found, disc()) > 0.96


def test_the_same_photo_gets_the_same_outline_whatever_was_cut_before() -> None:
    first = cut(disc(radius=62) > 0)
    cut(disc(radius=90) > 0)
    cv2.setRNGSeed(123)
    assert (cut(disc(radius=62) > 0) == first).all()


def test_a_mask_with_nothing_on_one_side_is_left_as_it_is() -> None:
    assert not cut(np.zeros((SIDE, SIDE))).any()
    assert cut(np.ones((SIDE, SIDE))).all()
