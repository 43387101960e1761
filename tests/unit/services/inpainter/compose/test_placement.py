"""Where the product stands, on small hand-made masks."""

import cv2
import numpy as np
import pytest

from services.inpainter.compose.placement import output_size, place, stance
from shared.contracts.errors import BadRequest
from shared.contracts.events import Placement, Scene
from shared.contracts.images import Pixels


def block(height: int, width: int, rows: slice, columns: slice) -> tuple[Pixels, Pixels]:
    mask = np.zeros((height, width), np.uint8)
    mask[rows, columns] = 255
    photo = np.arange(height * width * 3, dtype=np.uint32).reshape(height, width, 3).astype(np.uint8)
    return photo, mask


@pytest.mark.parametrize(
    ("scene", "size"),
    [
        (Scene(), (80, 100)),
        (Scene(aspect="1:1"), (100, 100)),
        (Scene(aspect="1:2"), (80, 160)),
        (Scene(width=400), (400, 500)),
        (Scene(height=400, aspect="2:1"), (800, 400)),
        (Scene(width=300, height=200), (300, 200)),
    ],
)
def test_the_output_has_the_size_that_was_asked(scene: Scene, size: tuple[int, int]) -> None:
    assert output_size((80, 100), scene) == size
    assert place(*block(100, 80, slice(40, 80), slice(20, 60)), scene).size == size


def test_a_silent_scene_leaves_every_pixel_in_its_place() -> None:
    photo, mask = block(50, 40, slice(10, 30), slice(5, 20))
    placed = place(photo, mask, Scene())
    assert placed.exact
    np.testing.assert_array_equal(placed.photo, photo)
    np.testing.assert_array_equal(placed.mask, mask)


def test_another_aspect_only_adds_canvas() -> None:
    photo, mask = block(40, 40, slice(10, 30), slice(10, 30))
    placed = place(photo, mask, Scene(aspect="2:1"))
    assert placed.exact
    np.testing.assert_array_equal(placed.photo[:, 20:60], photo)
    assert placed.mask.sum() == mask.sum()


def test_a_custom_placement_puts_the_box_where_it_was_asked() -> None:
    placed = place(
        *block(200, 200, slice(50, 150), slice(80, 120)),
        Scene(placement=Placement(mode="custom", scale=0.25, x=0.25, y=0.5)),
    )
    stands = stance(placed.mask)
    assert not placed.exact
    assert (stands.height, stands.width) == (50, 20)
    assert ((stands.left + stands.right) / 2, (stands.top + stands.bottom) / 2) == (50.0, 100.0)


def test_a_product_cut_by_the_photo_stays_at_that_edge_and_the_brand_is_told() -> None:
    placed = place(*block(60, 40, slice(20, 60), slice(10, 30)), Scene(aspect="1:3"))
    assert placed.mask[-1].any()
    assert stance(placed.mask).cut == {"bottom"}
    assert placed.notes == ("the photo cuts the product at the bottom, so it stays at that edge",)


def test_a_cut_out_trimmed_to_its_product_is_not_cut_and_gets_room_around_it() -> None:
    photo, mask = block(100, 50, slice(0, 100), slice(0, 50))
    mask[:40, :10] = mask[60:, 40:] = 0  # it still touches all four sides
    placed = place(photo, mask, Scene())
    assert placed.exact and placed.size == (74, 124)
    np.testing.assert_array_equal(placed.photo[12:112, 12:62], photo)
    np.testing.assert_array_equal(placed.mask[12:112, 12:62], mask)
    assert not placed.stands.cut and placed.notes == ("the photo is trimmed to the product, so it got room around it",)
    halved = place(photo, mask, Scene(placement=Placement(mode="custom", scale=0.5)))
    assert not halved.stands.cut and halved.stands.height == 62


def test_a_trimmed_product_that_has_no_room_left_up_to_the_limit_stays_as_it_is() -> None:
    photo, mask = np.zeros((4096, 4096, 3), np.uint8), np.full((4096, 4096), 255, np.uint8)
    assert place(photo, mask, Scene()).size == (4096, 4096)


def test_in_a_narrow_frame_a_product_is_as_large_as_it_can_be_and_whole() -> None:
    photo, mask = block(1000, 1000, slice(300, 900), slice(100, 300))
    placed = place(photo, mask, Scene(width=160, height=600))
    stands = placed.stands
    assert (stands.height, stands.width) == (360, 120)  # the frame is covered, where 96 x 32 were seen of it
    assert stands.left == 16 and not stands.cut  # moved in: it stood at the photo's side
    wide = place(photo, mask, Scene(width=600, height=160)).stands
    assert (wide.height, wide.width) == (128, 43)


def test_a_line_one_pixel_wide_survives_any_placement() -> None:
    photo, mask = block(400, 300, slice(100, 300), slice(150, 151))
    for wish in (Placement(), Placement(mode="custom", scale=0.1)):
        placed = place(photo, mask, Scene(placement=wish))
        assert placed.mask.any()
        assert set(np.unique(placed.mask)) == {0, 255}


def test_a_strap_that_hangs_lower_is_not_the_base() -> None:
    _, mask = block(200, 300, slice(50, 150), slice(50, 250))
    mask[150:180, 100:102] = 255
    assert stance(mask).base == 150


def tiny(x: float = 0.5, y: float = 0.5, scale: float = 1.0) -> Scene:
    return Scene(placement=Placement(mode="custom", scale=scale, x=x, y=y))


def test_a_tiny_product_is_enlarged_eight_times_at_most_and_the_brand_is_told() -> None:
    photo, mask = np.full((500, 500, 3), 200, np.uint8), np.zeros((500, 500), np.uint8)
    mask[300:310, 100:110] = 255
    placed = place(photo, mask, tiny())
    assert placed.mask.shape == (500, 500)
    assert abs(placed.stands.height - 80) <= 2 and abs(placed.stands.width - 80) <= 2
    assert placed.notes == ("the product is 10 pixels tall in the photo, so it was enlarged 8 times only",)


def test_only_what_is_seen_of_an_enlarged_photo_is_resampled_and_it_lands_where_the_whole_would() -> None:
    photo = cv2.resize(np.random.default_rng(2).integers(0, 255, (20, 30, 3), dtype=np.uint8), (300, 200))
    mask = np.zeros((200, 300), np.uint8)
    mask[80:120, 130:180] = 255
    placed = place(photo, mask, tiny(x=0.4, y=0.6, scale=0.9))
    whole = cv2.resize(photo, (1350, 900), interpolation=cv2.INTER_LANCZOS4)
    x, y = round(0.4 * 300 - 4.5 * (130 + 180) / 2), round(0.6 * 200 - 4.5 * (80 + 120) / 2)
    seen = whole[-y : 200 - y, -x : 300 - x]
    assert np.abs(placed.photo.astype(int) - seen).mean() < 1.5  # half a pixel at most, on a smooth picture


def test_a_placement_that_leaves_only_the_hole_of_a_product_in_the_frame_is_refused_with_words() -> None:
    mask = np.zeros((100, 1000), np.uint8)
    mask[40:60, 20:30] = mask[40:60, 970:980] = 255  # two bars, five times as large 4,750 pixels apart
    photo = np.zeros((100, 1000, 3), np.uint8)
    square = Scene(placement=Placement(mode="custom", scale=1.0, x=0.5, y=0.5), width=100, aspect="1:1")
    with pytest.raises(BadRequest, match="no part of the product") as refused:
        place(photo, mask, square)
    assert refused.value.reason == "product_out_of_frame"


def test_an_output_that_is_too_large_is_refused_before_anything_is_resampled() -> None:
    photo, mask = np.zeros((64, 4000, 3), np.uint8), np.full((64, 4000), 255, np.uint8)
    mask[:2] = 0
    with pytest.raises(BadRequest, match="4000 x 20000"):
        place(photo, mask, Scene(aspect="1:5"))
