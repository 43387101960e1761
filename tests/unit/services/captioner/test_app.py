"""The captioner wired with its bundled model."""

from pathlib import Path

import pytest

from services.captioner.app import assemble
from services.captioner.model import weights_mark
from services.captioner.settings import CaptionerSettings
from tests.fakes.blobs import MemoryBlobs

BUNDLED = Path(__file__).parents[4] / "models/mini-captioner"


def test_the_use_case_comes_with_the_model_that_the_settings_name() -> None:
    use_case = assemble(CaptionerSettings(model=str(BUNDLED)), MemoryBlobs())
    assert use_case.model.name == f"mini-captioner@{weights_mark(BUNDLED)}"


def test_a_model_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        assemble(CaptionerSettings(model=str(tmp_path / "nothing")), MemoryBlobs())
