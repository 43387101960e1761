"""Colours brought to sRGB."""

import numpy as np
import pytest
from PIL import Image

from shared.contracts.srgb import to_srgb
from tests.fakes import profiles


def colour(image: Image.Image, profile: bytes | None) -> list[int]:
    return np.asarray(to_srgb(image, profile))[0, 0].tolist()


def test_without_a_profile_colours_are_taken_for_srgb() -> None:
    assert colour(Image.new("RGB", (2, 2), (1, 2, 3)), None) == [1, 2, 3]
    assert colour(Image.new("L", (2, 2), 7), None) == [7, 7, 7]


def test_grey_pixels_under_a_colour_profile_are_colours() -> None:
    assert colour(Image.new("L", (2, 2), 128), profiles.adobe_rgb()) == pytest.approx([129] * 3, abs=1)


def test_all_but_equal_profiles_change_nothing_at_all() -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None].repeat(3, 0))
    assert (np.asarray(to_srgb(ramp.convert("RGB"), profiles.srgb()))[..., 0] == np.asarray(ramp)).all()


def test_a_grey_profile_on_colours_is_ignored() -> None:
    assert colour(Image.new("RGB", (2, 2), (9, 90, 200)), profiles.grey()) == [9, 90, 200]


@pytest.mark.parametrize("where", [36, 16, 128, 200])
def test_a_damaged_profile_is_no_accident(where: int) -> None:
    damaged = bytearray(profiles.display_p3())
    damaged[where : where + 4] = b"\xff\xff\xff\xff"
    red, green, blue = colour(Image.new("RGB", (2, 2), (200, 100, 50)), bytes(damaged))
    assert red >= 200 and green <= 100 and blue <= 50  # converted as well as can be, or left alone
