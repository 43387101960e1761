"""Plates said in a few words, and a picture for them where one is needed."""

import numpy as np

from shared.contracts.images import Pixels
from shared.contracts.styles import Light, Plate


def plate(name: str, surface: str | None, backdrop: str | None, **changes: object) -> Plate:
    """Named by its style; with a line in the middle where it has a surface and a backdrop; lit from the left."""
    fields = {
        "id": name,
        "style": name,
        "file": name,
        "width": 8,
        "height": 8,
        "surface": surface,
        "backdrop": backdrop,
        "surface_line": 0.5 if surface and backdrop else None,
        "light": Light(direction="left"),
    }
    return Plate.model_validate(fields | changes)


def picture_of(plate: Plate) -> Pixels:
    """A wall above a surface, each of one colour."""
    pixels = np.full((plate.height, plate.width, 3), (90, 110, 160), np.uint8)
    pixels[plate.height // 2 :] = (200, 190, 180)
    return pixels


PLATES = (
    plate("oak-brick", "oak wooden table", "red brick wall"),
    plate("marble-beige", "white marble counter", "plain beige wall"),
    plate("sand-sea", "golden sand", "sea and sky"),
    plate("linen-flat", "white linen", None, view="flatlay"),
    plate("marble-flat", "white marble", None, view="flatlay"),
    plate("garden", None, "blurred green garden", view="backdrop"),
)

MARBLE = plate(
    "marble",
    "white marble counter",
    "plain grey wall",
    id="marble-1",
    file="marble-1.png",
    width=64,
    height=64,
    light=Light(),
)
