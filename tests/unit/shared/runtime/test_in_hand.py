"""When a message was said and what it is about was submitted, whatever its headers say."""

import time
from collections.abc import Sequence

import pytest

from shared.contracts.topics import PRODUCT_SEGMENTED, PRODUCT_SUBMITTED
from shared.runtime.in_hand import LONGEST_S, SUBMITTED, PendingPublishes, age_s, moment, rfc3339, said_at, submitted_at
from shared.runtime.memory.log import MemoryLog
from shared.runtime.records import Record

RECORD = MemoryLog().append(PRODUCT_SUBMITTED.name, b"mug", b"{}", [])
AT_NOON = 1_764_158_400.0  # 2025-11-26T12:00:00Z


@pytest.mark.parametrize("text", ["2025-11-26T12:00:00Z", "2025-11-26T13:00:00+01:00", "2025-11-26T12:00:00"])
def test_a_moment_is_read_in_every_zone(text: str) -> None:
    assert moment(text) == AT_NOON


def test_a_time_without_a_zone_is_utc_wherever_this_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert moment("2025-11-26T12:00:00") == moment("2025-11-26T12:00:00Z") == AT_NOON
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", [
    None, "", "yesterday", "9999-99-99", "2025-11-26T25:00:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999Z",
])  # fmt: skip
def test_what_is_no_moment_is_none(text: str | None) -> None:
    assert moment(text) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_the_first_and_the_last_moment_can_be_said_again(text: str) -> None:
    read = moment(text)
    assert read is not None and moment(rfc3339(read)) == read


def test_a_moment_is_written_as_it_is_read() -> None:
    assert rfc3339(AT_NOON) == "2025-11-26T12:00:00.000+00:00"
    assert moment(rfc3339(AT_NOON)) == AT_NOON


def test_without_an_envelope_a_message_was_said_when_kafka_got_it() -> None:
    stamped: int = RECORD.timestamp  # type: ignore[attr-defined]
    assert said_at({}, RECORD) == said_at({"ce_time": "?"}, RECORD) == stamped / 1000
    assert said_at({"ce_time": "2025-11-26T12:00:00Z"}, RECORD) == AT_NOON


def test_a_submission_begins_the_time_and_later_stages_hand_it_on() -> None:
    said = {"ce_time": "2025-11-26T12:00:00Z"}
    assert submitted_at(said, RECORD, PRODUCT_SUBMITTED.name) == AT_NOON
    assert submitted_at(said, RECORD, PRODUCT_SEGMENTED.name) is None
    assert submitted_at({}, RECORD, PRODUCT_SUBMITTED.name) == said_at({}, RECORD)
    assert submitted_at({SUBMITTED: "2025-11-26T12:00:00Z"}, RECORD, PRODUCT_SEGMENTED.name) == AT_NOON


@pytest.mark.parametrize(("said", "age"), [(90.0, 10.0), (99.5, 0.5), (110.0, 0.0), (-1e12, LONGEST_S)])
def test_an_age_is_never_negative_and_never_absurd(said: float, age: float) -> None:
    assert age_s(said, 100.0) == age


def test_a_message_in_hand_takes_answers_and_knows_who_hears_of_one_that_is_refused() -> None:
    async def refused(records: Sequence[Record], error: Exception) -> None:
        """Hears of it."""

    pending = PendingPublishes(refused)
    assert (pending.sent, pending.open, pending.refused) == ([], True, refused)
    assert PendingPublishes().refused is None
