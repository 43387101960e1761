"""Plates staged under a product, relit, shaded."""

from typing import Any

import numpy as np
import pytest

from services.inpainter.compose.init_image import PLAIN, InitImage, draw
from services.inpainter.compose.placement import Placed
from services.inpainter.plates.colouring import Coat
from services.inpainter.plates.matching import PlateMatch
from shared.contracts.images import Pixels
from shared.contracts.styles import Light, Plate

WHOLE = slice(0, 120)
FRAME = np.zeros((120, 100), np.uint8)


def plate(surface: str | None = "oak table", backdrop: str | None = "plain wall", **changes: Any) -> Plate:
    fields = {
        "id": "p",
        "style": "p",
        "file": "p.png",
        "width": 64,
        "height": 64,
        "surface": surface,
        "backdrop": backdrop,
        "surface_line": 0.5 if surface and backdrop else None,
        "light": Light(direction="left"),
    }
    return Plate.model_validate(fields | changes)


def picture(above: int = 200, below: int = 90) -> Pixels:
    pixels = np.full((64, 64, 3), above, np.uint8)
    pixels[32:] = below
    return pixels


def placed() -> Placed:
    mask = FRAME.copy()
    mask[50:100, 40:60] = 255
    return Placed(np.full((120, 100, 3), 10, np.uint8), mask, exact=True)


def drawn(match: PlateMatch | None, view: Any = "standing", **given: Any) -> InitImage:
    return draw(match, {"p": picture(), "far": picture(above=20)}, placed(), view=view, **given)


def test_without_a_plate_a_plain_ground_is_shaded() -> None:
    shown = drawn(None).rows(WHOLE)
    np.testing.assert_allclose(shown[5, 5], PLAIN, atol=1)
    assert shown[102, 50, 0] < PLAIN[0] - 30


def test_a_standing_product_has_the_surface_below_and_the_backdrop_above() -> None:
    shown = drawn(PlateMatch(plate=plate())).rows(WHOLE)
    assert shown[5, 5, 0] > 180 and shown[115, 5, 0] < 110


def test_a_dark_mood_darkens_plate_and_surface_alike() -> None:
    plain, moody = (drawn(PlateMatch(plate=plate()), tone=tone).rows(WHOLE) for tone in (None, "dark"))
    np.testing.assert_allclose(moody[5, 5], 0.62 * plain[5, 5], atol=1)
    np.testing.assert_allclose(moody[115, 5], 0.62 * plain[115, 5], atol=1)


def test_stone_is_veined_and_a_wall_painted_in_the_colours_that_were_asked() -> None:
    match = PlateMatch(plate=plate("white marble"), surface_coat=Coat("black", "veined"), backdrop_coat=Coat("pink"))
    shown = drawn(match).rows(WHOLE)
    assert shown[115, 5].max() < 60
    assert shown[5, 5, 0] > shown[5, 5, 1] + 30


def test_a_backdrop_alone_fills_the_frame_and_so_does_a_surface_seen_from_above() -> None:
    assert drawn(PlateMatch(plate=plate()), "backdrop").staged.min() > 180
    assert drawn(PlateMatch(plate=plate()), "flatlay").staged.max() < 110


def test_a_joined_pair_shows_the_second_plates_backdrop() -> None:
    match = PlateMatch(plate=plate(), behind=plate(id="far"))
    staged = drawn(match).staged
    assert staged[5].mean() < 40 and 60 < staged[115].mean() < 110


def test_a_wall_is_painted_above_the_line_only() -> None:
    before, after = drawn(PlateMatch(plate=plate())), drawn(PlateMatch(plate=plate(), backdrop_coat=Coat("red")))
    assert after.staged[5, 5, 0] > after.staged[5, 5, 2] + 60
    np.testing.assert_array_equal(after.staged[115], before.staged[115])


def test_a_surface_is_painted_below_the_line_only() -> None:
    before, after = drawn(PlateMatch(plate=plate())), drawn(PlateMatch(plate=plate(), surface_coat=Coat("red")))
    assert after.staged[115, 5, 0] > after.staged[115, 5, 2] + 40
    np.testing.assert_array_equal(after.staged[5], before.staged[5])


def test_a_sweep_in_one_new_colour_has_no_line_where_wall_and_floor_meet() -> None:
    match = PlateMatch(plate=plate("orange studio surface"), surface_coat=Coat("black"), backdrop_coat=Coat("black"))
    sweep = np.full((64, 64, 3), (230, 150, 110), np.uint8)
    shown = draw(match, {"p": sweep}, placed(), view="standing").rows(WHOLE)[:, 2].astype(int)
    assert np.ptp(shown, axis=0).max() <= 2


@pytest.mark.parametrize(("asked", "warmer"), [("warm", True), ("cool", False)])
def test_light_of_another_colour_shifts_the_white_balance(asked: str, warmer: bool) -> None:
    red, _, blue = drawn(PlateMatch(plate=plate()), light_colour=asked).rows(WHOLE)[5, 5]
    assert (red > blue + 5) == warmer and (blue > red + 5) == (not warmer)


def test_what_hangs_before_a_wall_shades_it_and_what_hangs_before_a_garden_does_not() -> None:
    wall = drawn(PlateMatch(plate=plate(surface=None, backdrop="plain wall", view="backdrop")), "backdrop")
    garden = drawn(PlateMatch(plate=plate(surface=None, backdrop="garden", view="backdrop")), "backdrop")
    assert wall.dark.rows(WHOLE).max() > 0.1
    assert garden.dark.rows(WHOLE).max() == 0


def test_a_picture_that_left_the_plate_gets_its_shade_again() -> None:
    start, light = drawn(PlateMatch(plate=plate())), np.full((120, 100, 3), 200, np.float32)
    assert start.shaded(light, 0.0, WHOLE) is light
    assert start.shaded(light, 1.0, WHOLE)[102, 50, 0] < 185
