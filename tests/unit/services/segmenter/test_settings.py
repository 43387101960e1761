"""What the segmenter reads from its environment."""

from pathlib import Path

import pytest

from services.segmenter.settings import SegmenterSettings


def test_without_any_variable_the_bundled_model_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGMENTER_MODEL", raising=False)
    assert Path(SegmenterSettings().model).name == "mini-segmenter"
