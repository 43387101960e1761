"""What the segmenter reads from its environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.segmenter.settings import SegmenterSettings


def test_without_any_variable_images_come_from_the_public_web_by_https_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODEL", "PRIVATE_HOSTS", "FETCH_HOSTS", "FETCH_HTTP", "FETCH_PORTS", "FETCH_TIMEOUT_S"):
        monkeypatch.delenv(f"SEGMENTER_{name}", raising=False)
    settings = SegmenterSettings()
    assert Path(settings.model).name == "mini-segmenter"
    assert (settings.private_hosts, settings.fetch_hosts, settings.fetch_ports) == ((), (), ())
    assert settings.fetch_http is False and settings.fetch_timeout_s == 20.0


def test_a_time_limit_of_none_at_all_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTER_FETCH_TIMEOUT_S", "0")
    with pytest.raises(ValidationError, match="fetch_timeout_s"):
        SegmenterSettings()
