"""Settings that are wrong end a service before it begins, in words."""

import pytest

from shared.runtime.settings import KafkaSettings, MinioSettings, read_settings


def test_right_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_TRIES", "5")
    assert read_settings(KafkaSettings).tries == 5


def test_every_wrong_variable_is_named_in_one_message_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_TRIES", "0")
    monkeypatch.setenv("KAFKA_WAIT_CAP_S", "hunter2")
    with pytest.raises(SystemExit) as ended:
        read_settings(KafkaSettings)
    words = str(ended.value)
    assert words.splitlines()[0] == "KAFKA_TRIES: Input should be greater than or equal to 1"
    assert words.splitlines()[1].startswith("KAFKA_WAIT_CAP_S: Input should be a valid number")
    assert "docs/settings.md" in words and "hunter2" not in words


def test_a_bucket_needs_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_BUCKET", "")
    with pytest.raises(SystemExit, match="MINIO_BUCKET"):
        read_settings(MinioSettings)
