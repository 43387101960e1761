"""What a consumed Kafka record says of itself, whether it came alone, in a batch, or by way of the retry topic."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from shared.contracts.events import KEY_FIELDS
from shared.contracts.topics import TOPICS

RETRY_SUFFIX = ".retry"
DEAD_SUFFIX = ".dead"

RETRY_GROUP = "x-retry-group"
RETRY_ROUND = "x-retry-round"
RETRY_DELAY_S = "x-retry-delay-s"
RETRY_NOT_BEFORE = "x-retry-not-before"


class Record(Protocol):
    """The part of an aiokafka `ConsumerRecord` that the runtime reads."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


_KEY_NAMES = {topic.name: KEY_FIELDS[topic.event.__name__] for topic in TOPICS}


def records_of(raw: Any) -> tuple[Record, ...]:
    """The records of a message: one, or those of a batch."""
    return raw if isinstance(raw, tuple) else (raw,)


def topic_of_record(record: Record) -> str:
    """The topic T of a record that was read from T or from T.retry."""
    return record.topic.removesuffix(RETRY_SUFFIX)


def key_name(topic: str) -> str:
    """What the key of a topic's messages is called: product_id, job_id, model or dataset."""
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


def seconds_to_wait(headers: Mapping[str, str]) -> float:
    """How long a retried record must still wait; at most its own delay, whatever the clocks say."""
    try:
        delay = float(headers.get(RETRY_DELAY_S, "0"))
        not_before = float(headers.get(RETRY_NOT_BEFORE, "0"))
    except ValueError:
        return 0.0
    return min(max(not_before - time.time(), 0.0), delay)


def retry_round(headers: Mapping[str, str]) -> int:
    """How often this record went through the retry topic already."""
    text = headers.get(RETRY_ROUND, "0")
    return int(text) if text.isdigit() else 0


async def parsed_leniently(raw: Any, parse: Callable[[Any], Awaitable[Any]]) -> Any:
    """Parse a record whose headers may be anything: a foreign header that is not UTF-8 must not cost its event."""
    if isinstance(raw, tuple):
        return await parse(tuple(_with_readable_headers(record) for record in raw))
    return await parse(_with_readable_headers(raw))


def _with_readable_headers(record: Any) -> Any:
    if all(value is not None and _is_utf8(value) for _, value in record.headers):
        return record
    return replace(record, headers=tuple((name, value.encode()) for name, value in headers_of(record).items()))


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
