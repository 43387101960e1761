"""Several photos side by side are told from one."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from services.curator.pixels.collages import dividers
from shared.contracts.images import Pixels

from ..conftest import scene

ROOT = Path(__file__).parents[5]


def grey(seed: int) -> Pixels:
    return np.asarray(cv2.cvtColor(scene(seed), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def test_a_photo_is_not_divided_and_neither_is_one_in_a_frame() -> None:
    framed = cv2.copyMakeBorder(grey(1), 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=255)
    assert [dividers(picture) for picture in (grey(1), np.asarray(framed, dtype=np.uint8))] == [0, 0]


def test_a_white_gutter_divides_upright_and_level() -> None:
    gutter = np.full((320, 8), 255, np.uint8)
    beside = np.hstack([grey(1), gutter, grey(2)])
    assert dividers(beside) == 1 and dividers(np.ascontiguousarray(beside.T)) == 1


def test_two_photos_without_a_gutter_meet_in_a_seam() -> None:
    dark, light = (grey(1) // 3).astype(np.uint8), (grey(2) // 3 + 160).astype(np.uint8)
    assert dividers(np.hstack([dark, light])) == 1
    assert dividers(np.vstack([dark, light])) == 0  # as the far edge of a table is


@pytest.mark.parametrize("folder", ["samples/photos", "samples/lessons", "models/mini-plates"])
def test_none_of_our_own_pictures_is_taken_for_a_collage(folder: str) -> None:
    files = sorted(path for path in (ROOT / folder).iterdir() if path.suffix in {".jpg", ".webp"})[:24]
    pictures = [cv2.resize(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), (256, 256)) for path in files]
    divided = [
        path.name for path, picture in zip(files, pictures, strict=True) if dividers(np.asarray(picture, np.uint8))
    ]
    assert files and divided == []
