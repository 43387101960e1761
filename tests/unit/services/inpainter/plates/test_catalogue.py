"""Plates on disk."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from services.inpainter.plates.catalogue import Pictures, read_plates
from shared.contracts.images import encode_image
from shared.contracts.styles import PLATES_FILE, PlateCatalogue
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.plates import PLATES

BUNDLED = Path(__file__).parents[5] / "models/mini-plates"


def test_a_plate_without_its_picture_is_left_out(tmp_path: Path) -> None:
    (tmp_path / PLATES_FILE).write_text(PlateCatalogue(plates=PLATES).model_dump_json())
    (tmp_path / PLATES[1].file).write_bytes(encode_image(np.zeros((64, 64, 3), np.uint8)))
    assert read_plates(tmp_path) == (PLATES[1],)
    assert Pictures(tmp_path, MemoryBlobs())(PLATES[1]).shape == (64, 64, 3)


def test_the_picture_of_a_mined_plate_is_in_the_store(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    blobs.put("styles/plates/a.png", encode_image(np.zeros((32, 48, 3), np.uint8)), "image/png")
    mined = PLATES[1].model_copy(update={"id": "mined-a", "file": "styles/plates/a.png"})
    assert Pictures(tmp_path, blobs)(mined).shape == (32, 48, 3)


def test_a_folder_without_a_catalogue_has_no_plates(tmp_path: Path) -> None:
    assert read_plates(tmp_path) == ()


def test_a_broken_catalogue_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / PLATES_FILE).write_text('{"plates": [{"id": "x"}]}')
    with pytest.raises(ValidationError, match="style"):
        read_plates(tmp_path)


def test_every_bundled_plate_has_its_picture() -> None:
    listed = PlateCatalogue.model_validate_json((BUNDLED / PLATES_FILE).read_text()).plates
    assert read_plates(BUNDLED) == listed != ()
