"""Pure white, as marketplaces want it: sheets of paper that are 255 everywhere, in lights of three sides."""

from typing import get_args

import numpy as np

from shared.contracts.images import Pixels
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import LightDirection, View

STYLE = "pure white"
SIDE = 64  # pixels of the sheet, which has nothing to show
DIRECTIONS: tuple[LightDirection, ...] = ("left", "front", "right")

SHEETS = tuple(
    Plate(
        id=f"pure-white-{view}-{direction}",
        style=STYLE,
        file="",
        width=SIDE,
        height=SIDE,
        view=view,
        light=Light(direction=direction),
        surface="white paper",
        backdrop="plain white wall",
        words=("white",),
    )
    for view in get_args(View)
    for direction in DIRECTIONS
)


def is_sheet(plate: Plate) -> bool:
    """Whether it is one of these; the painter leaves them as they are."""
    return plate.style == STYLE and not plate.file


def sheet() -> Pixels:
    """(SIDE, SIDE, 3) of 255."""
    return np.full((SIDE, SIDE, 3), 255, np.uint8)
