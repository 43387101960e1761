"""Settings that are wrong end a service before it begins, in words."""

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings

from shared.runtime.settings import KafkaSettings, MinioSettings, read_settings, troubles_of


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


def test_a_pause_doubles_with_every_outage_in_a_row_up_to_a_cap() -> None:
    settings = KafkaSettings(wait_first_s=0.5, wait_cap_s=30.0)
    assert [settings.pause_s(times) for times in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_an_outage_may_last_for_years() -> None:
    assert KafkaSettings(wait_first_s=0.5, wait_cap_s=30.0).pause_s(10**9) == 30.0
    assert KafkaSettings(wait_first_s=1.0, wait_cap_s=1e9).pause_s(5000) == 65536.0


def test_a_group_inside_a_group_is_named_by_its_whole_path() -> None:
    class Inner(BaseModel):
        tries: int

    class Outer(BaseSettings):
        inner: Inner

    with pytest.raises(ValidationError) as caught:
        Outer(inner={"tries": "many"})  # type: ignore[arg-type]
    assert [trouble.partition(": ")[0] for trouble in troubles_of(Outer, caught.value)] == ["INNER_TRIES"]


def test_the_last_line_says_where_to_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_TRIES", "0")
    with pytest.raises(SystemExit) as ended:
        read_settings(KafkaSettings)
    assert str(ended.value).splitlines()[-1] == "docs/settings.md says what each may be"
