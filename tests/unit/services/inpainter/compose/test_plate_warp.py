"""Plates in the product's frame."""

import numpy as np
import pytest

from services.inpainter.compose import plate_warp
from services.inpainter.compose.placement import Stance
from services.inpainter.compose.plate_warp import View, line_for, stage
from shared.contracts.images import Pixels


def plate(side: int = 100, line: float = 0.5) -> Pixels:
    """Black backdrop above the line, white surface below."""
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[round(line * side) :] = 255
    return pixels


@pytest.mark.parametrize("size", [(100, 100), (300, 200), (150, 400), (64, 64)])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
@pytest.mark.parametrize("line", [0.3, 0.55, 0.8])
def test_the_surface_begins_where_it_was_asked(size: tuple[int, int], share: float, line: float) -> None:
    line_at = share * size[1]
    staged = stage(plate(line=line), line, View(size, line_at))
    assert staged.shape == (size[1], size[0], 3)
    edge = int(np.argmax(staged[:, size[0] // 2, 0] > 127))
    assert abs(edge - line_at) <= 0.04 * size[1] + 1


def test_only_the_backdrop_is_seen_where_the_line_lies_below_the_frame() -> None:
    assert stage(plate(), 0.5, View((120, 200), 200 * plate_warp.BELOW_FRAME)).max() < 60


def test_only_the_surface_is_seen_where_the_line_lies_above_the_frame() -> None:
    assert stage(plate(), 0.5, View((120, 200), 200 * plate_warp.ABOVE_FRAME)).min() > 200


def test_a_flip_swaps_left_and_right() -> None:
    pixels = plate()
    pixels[:, :50, 0] = 200
    straight, flipped = (stage(pixels, 0.5, View((100, 100), 50, flipped=flip)) for flip in (False, True))
    np.testing.assert_array_equal(straight[:, ::-1], flipped)


def test_the_line_lies_above_the_base_and_within_the_frame() -> None:
    for base, height, width in ((900, 700, 400), (980, 940, 940), (600, 80, 600), (400, 200, 200)):
        stands = Stance(100, base - height, 100 + width, base, base, frozenset())
        line = line_for(stands, (1000, 1000), 12.0)
        assert 0.2 * 1000 < line <= base - 90


def test_two_plates_are_joined_at_the_line() -> None:
    surface, backdrop = np.full((100, 50, 3), 200, np.uint8), np.full((100, 50, 3), 100, np.uint8)
    joined = plate_warp.join(surface, backdrop, 60.0)
    assert abs(int(joined[10, 0, 0]) - 100) <= 3
    assert abs(int(joined[95, 0, 0]) - 190) <= 20
