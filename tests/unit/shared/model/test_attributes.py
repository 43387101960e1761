"""The reader of attributes, a real model class at tiny size."""

from pathlib import Path

import numpy as np
import pytest

from bundled.training.probe import make_model
from shared.model.attributes import SIZE, AttributeReader, looked_at

WORDS = {"surface": ("wood", "marble"), "backdrop": ("brick", "wall"), "light_colour": ("warm", "cool")}
PICTURE, MASK = np.full((60, 80, 3), 200, np.uint8), np.zeros((60, 80), np.uint8)


def test_each_attribute_is_a_distribution(tmp_path: Path) -> None:
    make_model(WORDS, width=8).save_pretrained(tmp_path)
    read = AttributeReader(tmp_path).read(MASK, [PICTURE, PICTURE])
    assert len(read) == 2
    assert {name: round(sum(chances.values()), 5) for name, chances in read[0].items()} == {
        "surface": 1.0,
        "backdrop": 1.0,
        "light_colour": 1.0,
    }


def test_the_probe_cannot_see_the_product() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[20:40, 30:50] = 255
    other = PICTURE.copy()
    other[20:40, 30:50] = (255, 0, 0)
    assert np.array_equal(looked_at(PICTURE, mask), looked_at(other, mask))
    assert looked_at(PICTURE, mask).shape == (6, SIZE, SIZE)


def test_a_folder_without_a_probe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        AttributeReader(tmp_path / "nothing")
