"""What a consumed Kafka record says of itself, whether it came by its own topic or by way of the retry topic."""

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.contracts.events import KEY_FIELDS
from shared.contracts.topics import TOPICS

RETRY_SUFFIX = ".retry"
DEAD_SUFFIX = ".dead"

RETRY_GROUP = "x-retry-group"
RETRY_ROUND = "x-retry-round"
RETRY_DELAY_S = "x-retry-delay-s"
RETRY_NOT_BEFORE = "x-retry-not-before"
REPLAY_OF = "x-replay-of"
NULL_VALUE = "x-null-value"
CUT = "x-cut"

ADDED = frozenset({
    "x-original-topic", "x-original-partition", "x-original-offset", "x-reason", "x-detail", "x-exception",
    "x-attempts", "x-group", "x-service", "x-failed-at", RETRY_GROUP, RETRY_ROUND, RETRY_DELAY_S, RETRY_NOT_BEFORE,
    REPLAY_OF, NULL_VALUE, CUT,
})  # fmt: skip
"""Header names that are the runtime's own; all others pass through letters and replays as they came."""

Headers = Sequence[tuple[str, bytes | None]]

MOST_DIGITS = 6


class Record(Protocol):
    """The part of an aiokafka `ConsumerRecord` that the runtime reads."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


_KEY_NAMES = {topic.name: KEY_FIELDS[topic.event.__name__] for topic in TOPICS}


def topic_of_record(record: Record) -> str:
    """The topic T of a record that was read from T or from T.retry."""
    return record.topic.removesuffix(RETRY_SUFFIX)


def key_name(topic: str) -> str:
    """What the key of a topic's messages is called in its event: product_id, job_id, dataset, place …"""
    return _KEY_NAMES.get(topic, "key")


def key_of(record: Record) -> str:
    """The key as text, for logs."""
    return (record.key or b"").decode("utf-8", "replace")


def headers_of(record: Record) -> dict[str, str]:
    """Headers as text; what is not UTF-8 is replaced, null becomes empty."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}


def is_for(group: str, record: Record) -> bool:
    """Whether a record of a retry topic is addressed to this consumer group; records of other topics are for all."""
    return not record.topic.endswith(RETRY_SUFFIX) or headers_of(record).get(RETRY_GROUP) == group


def with_headers(headers: Headers, added: Mapping[str, str]) -> Headers:
    """Headers byte for byte, doubles and nulls included, with some of the runtime's own set anew."""
    kept = [(name, value) for name, value in headers if name not in added]
    return [*kept, *((name, value.encode("utf-8", "replace")) for name, value in added.items())]


def without_death(headers: Headers, place: str) -> Headers:
    """The headers of a dead letter as they first came, with a note of the replay: poison is not replayed for ever."""
    kept = [(name, value) for name, value in headers if name not in ADDED]
    replays = (dict(headers).get(REPLAY_OF) or b"").decode("utf-8", "replace")
    return [*kept, (REPLAY_OF, f"{replays} {place}".strip().encode())]


def seconds_to_wait(headers: Mapping[str, str], *, longest_s: float) -> float:
    """How long a retried record must still wait; at most its own delay and ours, whatever clocks and headers say."""
    try:
        delay = float(headers.get(RETRY_DELAY_S, "0"))
        not_before = float(headers.get(RETRY_NOT_BEFORE, "0"))
    except ValueError:
        return 0.0
    wait = min(not_before - time.time(), delay, longest_s)
    return wait if wait > 0.0 else 0.0  # no number is not above zero either


def retry_round(headers: Mapping[str, str]) -> int:
    """How often this record went through the retry topic already."""
    return count_in(headers.get(RETRY_ROUND))


def count_in(text: str | None) -> int:
    """The count that a header states; 0 for whatever is no count."""
    return int(text) if text and len(text) <= MOST_DIGITS and text.isascii() and text.isdigit() else 0
