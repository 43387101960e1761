"""What a record says of itself: keys, headers, turns and waits, whatever stands in them."""

import pytest
from aiokafka import ConsumerRecord

from shared.runtime import records
from shared.runtime.records import (
    RETRY_DELAY_S,
    RETRY_GROUP,
    RETRY_NOT_BEFORE,
    Headers,
    count_in,
    headers_of,
    is_for,
    key_name,
    key_of,
    seconds_to_wait,
    topic_of_record,
    with_headers,
    without_death,
)


def record(topic: str = "product.withdrawn.v1", *, key: bytes | None = b"mug", headers: Headers = ()) -> ConsumerRecord:
    return ConsumerRecord(topic, 0, 7, 0, 0, key, b"{}", None, 3, 2, tuple(headers))


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("product.withdrawn.v1", "product_id"),
        ("training.requested.v1", "job_id"),
        ("model.trained.v1", "model"),
        ("model.promoted.v1", "place"),
        ("dataset.released.v1", "dataset"),
        ("somebody.elses.v1", "key"),
    ],
)
def test_a_topics_key_has_a_name(topic: str, name: str) -> None:
    assert key_name(topic) == name


@pytest.mark.parametrize(("key", "text"), [(b"mug", "mug"), (None, ""), (b"a\xff", "a\N{REPLACEMENT CHARACTER}")])
def test_a_key_is_text_whatever_its_bytes(key: bytes | None, text: str) -> None:
    assert key_of(record(key=key)) == text


def test_headers_are_text_whatever_their_bytes() -> None:
    headers = headers_of(record(headers=[("a", b"x"), ("null", None), ("binary", b"y\xff")]))
    assert headers == {"a": "x", "null": "", "binary": "y\N{REPLACEMENT CHARACTER}"}


def test_a_topic_is_the_same_by_way_of_its_retry_topic() -> None:
    assert topic_of_record(record("product.withdrawn.v1.retry")) == "product.withdrawn.v1"
    assert topic_of_record(record("product.withdrawn.v1")) == "product.withdrawn.v1"


@pytest.mark.parametrize(
    ("topic", "addressee", "heard"),
    [
        ("product.withdrawn.v1", None, True),
        ("product.withdrawn.v1", b"inpainter", True),
        ("product.withdrawn.v1.retry", b"curator", True),
        ("product.withdrawn.v1.retry", b"inpainter", False),
        ("product.withdrawn.v1.retry", None, False),
    ],
)
def test_a_retry_is_for_the_group_it_names_and_all_else_for_everybody(
    topic: str, addressee: bytes | None, heard: bool
) -> None:
    assert is_for("curator", record(topic, headers=[(RETRY_GROUP, addressee)] if addressee else [])) is heard


def test_headers_that_are_set_anew_take_the_place_of_the_old_ones_and_no_other_is_touched() -> None:
    came: Headers = [("x-group", b"old"), ("twice", b"1"), ("twice", b"2"), ("null", None), ("x-group", b"older")]
    headers = with_headers(came, {"x-group": "new", "x-detail": "half \ud800"})
    assert headers == [
        ("twice", b"1"),
        ("twice", b"2"),
        ("null", None),
        ("x-group", b"new"),
        ("x-detail", b"half ?"),
    ]


@pytest.mark.parametrize(
    ("delay", "not_before", "wait"),
    [
        ("30", "1010.0", 10.0),  # as long as is left
        ("4", "1010.0", 4.0),  # its own delay at most: clocks differ
        ("900", "9999", 600.0),  # our longest at most
        ("30", "999.5", 0.0),
        ("30", "1000.5", 0.5),
        ("30", "1000", 0.0),
        ("soon", "1010.0", 0.0),
        ("30", "tomorrow", 0.0),
        ("", "1010.0", 0.0),
        (None, "1010.0", 0.0),
        ("30", None, 0.0),
        ("nan", "1010.0", 10.0),
        ("-30", "1010.0", 0.0),
    ],
)
def test_a_retry_waits_for_its_time_and_never_longer_than_its_delay_and_ours(
    monkeypatch: pytest.MonkeyPatch, delay: str | None, not_before: str | None, wait: float
) -> None:
    monkeypatch.setattr(records.time, "time", lambda: 1000.0)
    given = {RETRY_DELAY_S: delay, RETRY_NOT_BEFORE: not_before}
    headers = {name: value for name, value in given.items() if value is not None}
    assert seconds_to_wait(headers, longest_s=600.0) == wait


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("7", 7),
        ("999999", 999_999),
        ("1000000", 0),
        ("-1", 0),
        ("²", 0),
        ("٣", 0),
        ("7 ", 0),
    ],
)
def test_a_count_is_up_to_six_plain_digits(text: str | None, count: int) -> None:
    assert count_in(text) == count


def test_a_replay_is_what_came_with_a_note_of_every_place_where_it_died() -> None:
    died: Headers = [("twice", b"1"), ("twice", b"2"), ("x-reason", b"bad_event")]
    once = without_death(died, "t.dead/0/7")
    assert once == [("twice", b"1"), ("twice", b"2"), ("x-replay-of", b"t.dead/0/7")]
    assert without_death(once, "t.dead/0/9")[-1] == ("x-replay-of", b"t.dead/0/7 t.dead/0/9")
    strange: Headers = [("x-replay-of", b"\xff")]
    assert without_death(strange, "t.dead/0/9") == [("x-replay-of", "\N{REPLACEMENT CHARACTER} t.dead/0/9".encode())]
    assert without_death([("x-replay-of", None)], "t.dead/0/9") == [("x-replay-of", b"t.dead/0/9")]
