"""The environment, validated at start."""

import pytest
from pydantic import ValidationError

from services.inpainter.settings import InpainterSettings


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INPAINTER_STEPS", "9")
    assert InpainterSettings().steps == 9


@pytest.mark.parametrize(("name", "value"), [("BATCH", "0"), ("SIDE", "63"), ("GUIDANCE", "0.5"), ("DTYPE", "int8")])
def test_what_cannot_be_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"INPAINTER_{name}", value)
    with pytest.raises(ValidationError):
        InpainterSettings()


def test_a_picture_is_the_same_in_any_company_unless_larger_batches_are_asked_for() -> None:
    assert InpainterSettings().batch == 1
