"""What the captioner reads from its environment."""

import pytest
from pydantic import ValidationError

from services.captioner.settings import CaptionerSettings


def test_without_any_variable_the_bundled_model_is_used_with_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODEL", "REVISION", "DEVICE", "THREADS"):
        monkeypatch.delenv(f"CAPTIONER_{name}", raising=False)
    settings = CaptionerSettings()
    assert (settings.model, settings.revision) == ("models/mini-captioner", None)
    assert (settings.device, settings.threads) == ("cpu", 1)


def test_no_threads_at_all_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPTIONER_THREADS", "0")
    with pytest.raises(ValidationError, match="threads"):
        CaptionerSettings()
