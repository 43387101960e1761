"""Colours that were asked of walls and surfaces, on pictures painted by hand."""

import numpy as np
import pytest

from services.inpainter.prompt.parsing import parse_prompt
from services.inpainter.scoring.colour import colour_agreements

SAGE, WHITE, RED = (160, 176, 150), (236, 235, 232), (182, 44, 44)


def picture(wall: tuple[int, int, int], ground: tuple[int, int, int]) -> np.ndarray:
    painted = np.zeros((100, 80, 3), np.uint8)
    painted[:60], painted[60:] = wall, ground
    return painted


EMPTY = np.zeros((100, 80), np.uint8)


@pytest.mark.parametrize(
    ("prompt", "agreements"),
    [
        ("on white marble, plain sage wall", [1.0, 1.0]),
        ("on white marble, plain red wall", [0.0, 1.0]),
        ("red gradient background", [0.0]),
        ("on a wooden table, garden behind", []),
        ("on green grass, blue sky", []),  # neither has a paint of its own
    ],
)
def test_each_asked_colour_is_measured_where_it_belongs(prompt: str, agreements: list[float]) -> None:
    assert colour_agreements(picture(SAGE, WHITE), EMPTY, parse_prompt(prompt)) == pytest.approx(agreements, abs=0.05)


def test_shade_is_no_other_colour() -> None:
    shaded = tuple(int(channel * 0.8) for channel in SAGE)
    assert colour_agreements(picture(shaded, WHITE), EMPTY, parse_prompt("sage wall"))[0] > 0.8  # type: ignore[arg-type]


def test_the_product_has_no_say() -> None:
    mask = EMPTY.copy()
    mask[:, :60] = 255
    painted = picture(SAGE, WHITE)
    painted[:, :60] = RED
    assert colour_agreements(painted, mask, parse_prompt("sage wall")) == pytest.approx([1.0], abs=0.05)
