"""Shade under, beside and around products."""

import numpy as np
import pytest

from services.inpainter.compose.shadows import Map, darken
from services.inpainter.compose.shadows import shade as shade_rows
from shared.contracts.images import Pixels
from shared.contracts.styles import Light
from shared.contracts.vocabulary import View


def shade(mask: Pixels, light: Light, view: View, line_at: float | None = None) -> Map:
    """All rows of it."""
    return shade_rows(mask, light, view, line_at).rows(slice(0, len(mask)))


@pytest.fixture
def mask() -> Pixels:
    mask = np.zeros((200, 200), np.uint8)
    mask[60:150, 80:120] = 255
    return mask


def test_the_ground_is_darkest_where_the_product_touches_it(mask: Pixels) -> None:
    dark = shade(mask, Light(), "standing", 100.0)
    assert dark[151, 100] > 0.5
    assert dark[151, 100] > dark[170, 100] >= dark[195, 100]
    assert dark[151, 10] < 0.1


@pytest.mark.parametrize(("direction", "darker", "lighter"), [("left", 140, 60), ("right", 60, 140)])
def test_the_shadow_falls_away_from_the_light(mask: Pixels, direction: str, darker: int, lighter: int) -> None:
    dark = shade(mask, Light.model_validate({"direction": direction, "hardness": "hard"}), "standing", 100.0)
    assert dark[130:150, darker].max() > dark[130:150, lighter].max() + 0.1


def test_nothing_is_shaded_beyond_the_far_edge_of_the_surface(mask: Pixels) -> None:
    assert shade(mask, Light(direction="left", hardness="hard"), "standing", 140.0)[:130].max() < 0.01


def test_the_shadow_of_a_bag_that_stands_askew_begins_at_its_lower_edge() -> None:
    rows, columns = np.mgrid[:200, :200]
    lows = 100 + 0.3 * (columns - 40)  # its right corner is nearest, and 36 rows lower
    bag = np.where((columns >= 40) & (columns < 160) & (rows < lows) & (rows >= lows - 70), 255, 0).astype(np.uint8)
    dark = shade(bag, Light(direction="right", hardness="hard"), "standing", 60.0)
    assert dark[110, 60] > 0.3  # below the edge, which is at row 106 there
    assert dark[128, 60] < 0.1  # where the nearest corner stands, but far before this side


def test_what_lies_flat_shades_its_outline_and_what_hangs_before_a_far_backdrop_nothing(mask: Pixels) -> None:
    assert shade(mask, Light(direction="left"), "flatlay")[100, 121] > 0.2
    assert shade(mask, Light(), "backdrop").max() == 0


def test_a_product_of_one_pixel_has_a_shadow_too() -> None:
    mask = np.zeros((50, 50), np.uint8)
    mask[25, 25] = 255
    dark = shade(mask, Light(), "standing", 10.0)
    assert np.isfinite(dark).all()
    assert dark[26, 25] > 0.5  # right below it


def test_shade_never_brightens_or_turns_negative() -> None:
    picture = np.full((4, 4, 3), 100, np.float32)
    dark = np.full((4, 4), 0.9, np.float32)
    shaded = darken(picture, dark, Light(colour="warm"))
    assert shaded.min() >= 0 and shaded.max() < 100
