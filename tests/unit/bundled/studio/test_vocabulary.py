"""The studio's own names are read as the vocabulary's, and its paints look like the colours they are read as."""

import cv2
import numpy as np
import pytest

from bundled.studio.plan.colours import PAINTS
from bundled.studio.plan.vocabulary import BACKDROPS, SURFACES
from bundled.studio.run.judging import ALSO_CALLED
from services.inpainter.prompt.parsing import backdrop_label, parse_prompt, surface_label
from shared.contracts.vocabulary import COLOURS


def lab(rgb: tuple[int, ...]) -> np.ndarray:
    return np.asarray(cv2.cvtColor(np.array([[rgb]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0])


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_is_read_as_itself_or_by_its_other_name(name: str) -> None:
    assert surface_label(name) == ALSO_CALLED.get(name, name)


@pytest.mark.parametrize("name", BACKDROPS)
def test_a_backdrop_is_read_as_one(name: str) -> None:
    assert backdrop_label(name) is not None


@pytest.mark.parametrize("paint", PAINTS)
def test_a_paint_is_nearer_to_the_colour_it_is_read_as_than_to_most_others(paint: str) -> None:
    read = parse_prompt(f"before a {paint} wall").backdrop_colour
    assert read is not None
    mixed = lab(tuple(int(PAINTS[paint][at : at + 2], 16) for at in (0, 2, 4)))
    distances = {colour: float(np.linalg.norm(lab(rgb) - mixed)) for colour, rgb in COLOURS.items()}
    assert read in sorted(distances, key=lambda colour: distances[colour])[:3]
