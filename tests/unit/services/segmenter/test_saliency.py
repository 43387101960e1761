"""Where the segmenter looks, and what it asks the model."""

import numpy as np
import pytest

from services.segmenter.backdrops import read_backdrop, to_lab
from services.segmenter.saliency import prompts_from, saliency_of
from tests.fakes.studio import blank, disc, with_product


def test_the_salient_box_lies_around_an_off_centre_product() -> None:
    photo = with_product(blank(), disc((240, 90), 40), (180, 40, 40))
    lab = to_lab(photo)
    salient, frame = prompts_from(saliency_of(photo, lab, read_backdrop(lab)))
    assert salient.box == pytest.approx((200 / 320, 50 / 320, 281 / 320, 131 / 320), abs=0.02)
    assert frame.box == (0.0, 0.0, 1.0, 1.0)


def test_points_lie_on_the_product_and_off_it_and_never_just_in_the_centre() -> None:
    mask = disc((240, 90), 40)
    photo = with_product(blank(), mask, (180, 40, 40))
    lab = to_lab(photo)
    salient = prompts_from(saliency_of(photo, lab, read_backdrop(lab)))[0]
    assert salient.labels == (1, 1, 1, 0, 0)
    on = [mask[int(y * 320), int(x * 320)] > 0 for x, y in salient.points]
    assert on == [True, True, True, False, False]


def test_a_map_of_nothing_asks_for_the_frame_without_a_point() -> None:
    (prompt,) = prompts_from(np.zeros((50, 50), np.float32))
    assert prompt.labels == (-1,)


@pytest.mark.parametrize("colour", [(255, 255, 255), (120, 140, 160), (20, 20, 20)])
def test_an_even_border_is_a_plain_backdrop_of_its_colour(colour: tuple[int, int, int]) -> None:
    photo = with_product(blank(colour), disc(), (200, 160, 20))
    backdrop = read_backdrop(to_lab(photo))
    assert backdrop.kind == "plain" and backdrop.share > 0.95
    assert np.allclose(backdrop.ground[160, 160], to_lab(blank(colour))[0, 0], atol=0.5)


def test_a_product_that_covers_a_third_of_the_border_leaves_the_backdrop_plain() -> None:
    photo = blank()
    photo[:, 90:210] = (40, 80, 60)
    backdrop = read_backdrop(to_lab(photo))
    assert backdrop.kind == "plain"
    assert np.allclose(backdrop.ground[0, 0], (100, 0, 0), atol=0.5)


def test_a_textured_border_is_a_scene() -> None:
    rng = np.random.default_rng(2)
    photo = np.clip(rng.normal(120, 45, (200, 200, 3)), 0, 255).astype(np.uint8)
    assert read_backdrop(to_lab(photo)).kind == "scene"


def test_a_border_without_two_equal_pixels_is_a_scene() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    assert read_backdrop(to_lab(photo)).kind == "scene"
