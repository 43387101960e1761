"""From photo to mask: shadows stay out, white on white is found, the background is never taken."""

import cv2
import numpy as np
import pytest

from services.segmenter.backdrops import Floats
from services.segmenter.candidates import MaskCandidate
from services.segmenter.finding import Finding, find_product
from services.segmenter.saliency import Prompt
from shared.contracts.images import Pixels
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.studio import SIDE, blank, disc, iou, with_product, with_shadow

BLUE = (30, 60, 190)


def find(rgb: Pixels, segmenter: FakeSegmenter | None = None) -> Finding:
    return find_product(rgb, segmenter or FakeSegmenter(), least_confidence=0.35)


@pytest.mark.parametrize("ground", [(255, 255, 255), (236, 232, 224), (128, 128, 130), (18, 18, 20), (240, 190, 200)])
def test_a_product_is_cut_out_of_any_studio_ground(ground: tuple[int, int, int]) -> None:
    finding = find(with_product(blank(ground), disc(), BLUE))
    assert finding.backdrop == "plain" and iou(finding.mask, disc()) > 0.97


def test_a_white_product_on_white_is_found() -> None:
    finding = find(with_product(blank(), disc(), (240, 240, 241)))
    assert iou(finding.mask, disc()) > 0.96


def test_a_soft_shadow_that_touches_the_product_is_left_out() -> None:
    ground = with_shadow(blank(), (160, 222), (75, 14), 0.5, 9.0)
    finding = find(with_product(ground, disc(), BLUE))
    assert iou(finding.mask, disc()) > 0.96


def test_a_shadow_floating_below_the_product_is_left_out() -> None:
    ground = with_shadow(blank(), (160, 270), (70, 6), 0.6, 5.0)
    finding = find(with_product(ground, disc(), BLUE))
    assert finding.mask is not None and not finding.mask[245:].any()
    assert iou(finding.mask, disc()) > 0.97


def test_a_white_product_over_its_shadow_is_found_without_it() -> None:
    ground = with_shadow(blank(), (160, 250), (70, 8), 0.5, 6.0)
    finding = find(with_product(ground, disc(), (238, 238, 238)))
    assert iou(finding.mask, disc()) > 0.95


def test_an_uneven_ground_is_still_plain() -> None:
    fall = np.linspace(255, 215, SIDE)[:, None, None] * np.ones((SIDE, SIDE, 3))
    finding = find(with_product(fall.astype(np.uint8), disc(), BLUE))
    assert finding.backdrop == "plain" and iou(finding.mask, disc()) > 0.96


def test_a_loops_hole_stays_open() -> None:
    ring = disc()
    cv2.circle(ring, (160, 150), 40, 0, -1)
    finding = find(with_product(blank(), ring, BLUE))
    assert finding.mask is not None and finding.mask[150, 160] == 0
    assert iou(finding.mask, ring) > 0.95


def test_a_white_print_is_no_hole() -> None:
    photo = with_product(blank(), disc(), BLUE)
    cv2.putText(photo, "logo", (125, 160), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (249, 249, 251), 3, cv2.LINE_AA)
    assert iou(find(photo).mask, disc()) > 0.97


def test_dust_beside_the_product_is_dropped() -> None:
    photo = with_product(blank(), disc(), BLUE)
    photo[20:23, 20:23] = 90
    finding = find(photo)
    assert finding.mask is not None and not finding.mask[:40, :40].any()


def test_jpeg_does_not_fray_the_edge() -> None:
    _, data = cv2.imencode(".jpg", with_product(blank(), disc(), (20, 40, 220)), [cv2.IMWRITE_JPEG_QUALITY, 60])
    finding = find(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8))
    assert iou(finding.mask, disc()) > 0.97


class Contrary(FakeSegmenter):
    """Proposes the background with great conviction, and the product shyly."""

    def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        product: Floats = cv2.resize(disc(), rgb.shape[1::-1]).astype(np.float32) / 255
        return (MaskCandidate(1 - product, 0.99, "ground"), MaskCandidate(product * 0.9, 0.6, "product"))


def test_the_background_is_never_taken_for_the_product() -> None:
    for ground in (blank(), brick_wall()):
        finding = find(with_product(ground, disc(), BLUE), Contrary())
        assert finding.chosen is not None and finding.chosen.candidate.prompt == "product"
        assert iou(finding.mask, disc()) > 0.9


def test_a_product_in_a_real_scene_is_cut_along_its_edge() -> None:
    finding = find(with_product(brick_wall(), disc(), BLUE), Contrary())
    assert finding.backdrop == "scene" and iou(finding.mask, disc()) > 0.95


def test_a_large_photo_is_cut_at_its_own_size() -> None:
    big = cv2.resize(with_product(blank(), disc(), BLUE), (2400, 2400), interpolation=cv2.INTER_CUBIC)
    finding = find(big)
    assert finding.mask is not None and finding.mask.shape == (2400, 2400)
    assert iou(finding.mask, cv2.resize(disc(), (2400, 2400), interpolation=cv2.INTER_NEAREST)) > 0.97


def test_the_same_photo_gets_the_same_mask() -> None:
    photo = with_product(brick_wall(), disc(), BLUE)
    one, two = find(photo, Contrary()).mask, find(photo, Contrary()).mask
    assert one is not None and two is not None and np.array_equal(one, two)


def test_a_photo_of_nothing_is_refused() -> None:
    finding = find(blank((250, 250, 250)))
    assert finding.mask is None and finding.refusal is not None and finding.refusal.reason == "no_product"


def brick_wall() -> Pixels:
    """A textured scene."""
    rng = np.random.default_rng(5)
    wall = np.full((SIDE, SIDE, 3), (150, 90, 60), np.float32) + rng.normal(0, 14, (SIDE, SIDE, 3))
    wall[::32] = wall[1::32] = 205
    wall[:, ::64] = 205
    return np.clip(wall, 0, 255).astype(np.uint8)


def test_on_an_uneven_ground_the_model_is_believed_where_the_colours_find_something_else() -> None:
    grain = np.random.default_rng(1).normal(0, 1.2, (SIDE, SIDE, 1))
    wall = np.clip(np.full((SIDE, SIDE, 3), 200.0) + grain, 0, 255).astype(np.uint8)
    photo = wall.copy()
    photo[130:170, 140:180] = (200, 30, 30)  # a red print on a product as grey as the wall
    finding = find_product(photo, Sure(disc()), least_confidence=0.0)
    assert finding.backdrop == "plain" and finding.mask is not None
    assert iou(finding.mask, disc()) > iou((photo[..., 1] < 100).astype(np.uint8) * 255, disc())


class Sure(FakeSegmenter):
    """A model that proposes one mask."""

    def __init__(self, mask: Pixels) -> None:
        super().__init__()
        self.mask = mask

    def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        small = cv2.resize(self.mask, (rgb.shape[1], rgb.shape[0])).astype(np.float32) / 255
        return (MaskCandidate(small, 0.95, "told"),)
