"""Whatever a message's headers, key and body are: it is one dead letter at once, and the good one behind it passes."""

import asyncio
import struct
import sys
from collections.abc import Iterator, Sequence

import pytest
import structlog
from aiokafka.errors import MessageSizeTooLargeError, OutOfOrderSequenceNumber
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from prometheus_client import CollectorRegistry

from deploy import dead_letters
from shared.contracts.errors import BadImage, Transient
from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN
from shared.runtime import records
from shared.runtime.broker import make_broker
from shared.runtime.health import MOST_REFUSALS, Health
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.records import Headers, Record, headers_of, without_death
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.counting import REMEMBERED, Counted
from shared.runtime.telemetry.metrics import Metrics

HASTY = KafkaSettings(tries=2, try_delay_s=0.001, retry_delays_s=(0.01,), wait_first_s=0.001, wait_cap_s=0.01)
JSON = ("content-type", b"application/json")
GOOD = ProductWithdrawn(product_id="good").model_dump_json().encode()
BAD = ProductWithdrawn(product_id="bad").model_dump_json().encode()

OUR_HEADERS = sorted(records.ADDED)
STRANGE = [
    None, b"", "²".encode(), "٣".encode(), b"\xff\xfe", b"-1", b"1e9", b"nan", b"inf", b"9" * 5000, b"0x10", b" 7 ",
    b"\x00", b"x" * 100_000, "\N{SNOWMAN}".encode(), struct.pack(">q", 7),
]  # fmt: skip


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


async def after(
    *hostile: tuple[bytes | None, bytes | None, Headers], topic: str = PRODUCT_WITHDRAWN.name
) -> tuple[list[str], list[Record]]:
    """The products that were handled and the letters that were written, with one good message behind the hostile ones.

    What parses and is not good is refused by the handler.
    """
    broker, handled = make_broker(HASTY, service="curator", registry=CollectorRegistry()), []

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        handled.append(event.product_id)
        if event.product_id != "good":
            raise BadImage("not_an_image", "no photo")

    async with memory_broker(broker) as log:
        for key, value, headers in hostile:
            log.append(topic, key, value, headers)
        log.append(PRODUCT_WITHDRAWN.name, b"good", GOOD, [JSON])
        await log.settled(10)
    return handled, log.said(PRODUCT_WITHDRAWN.dead)


@pytest.mark.parametrize("name", [*OUR_HEADERS, "ce_id", "traceparent", "correlation_id", "content-type", "reply_to"])
async def test_no_header_keeps_a_letter_from_being_written(name: str) -> None:
    handled, letters = await after(*((b"bad", BAD, [JSON, (name, value)]) for value in STRANGE))
    assert handled.count("good") == 1
    assert len(letters) == len(STRANGE)


async def test_a_retried_message_with_strange_headers_is_handled_or_buried_and_holds_up_nobody() -> None:
    ours = [(records.RETRY_GROUP, b"curator")]
    for name in (records.RETRY_ROUND, records.RETRY_DELAY_S, records.RETRY_NOT_BEFORE):
        hostile = [(b"bad", BAD, [JSON, *ours, (name, value)]) for value in STRANGE]
        handled, letters = await after(*hostile, topic=PRODUCT_WITHDRAWN.retry)
        assert handled.count("good") == 1
        assert len(letters) == len(STRANGE)


async def test_a_retried_message_cannot_ask_to_wait_for_ever() -> None:
    headers = {records.RETRY_DELAY_S: "inf", records.RETRY_NOT_BEFORE: "inf"}
    assert records.seconds_to_wait(headers, longest_s=600.0) == 600.0
    assert records.seconds_to_wait(headers | {records.RETRY_NOT_BEFORE: "nan"}, longest_s=600.0) == 0.0
    assert records.seconds_to_wait(headers | {records.RETRY_DELAY_S: "30"}, longest_s=600.0) == 30.0
    assert records.seconds_to_wait({}, longest_s=600.0) == 0.0


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"product_id": ' + b'{"a":' * 100_000,
        b'{"product_id": "bad", "n": ' + b"9" * 5000 + b"}",
        b'{"product_id": "\\ud800"}',
        b'{"product_id": NaN}',
        b"\xff\xfe\x00",
        b"\x00" * 1000,
        None,
        b"",
        b"null",
    ],
    ids=[
        "deep list",
        "deep object",
        "5,000 digits",
        "half a surrogate",
        "NaN",
        "not UTF-8",
        "zeros",
        "null",
        "empty",
        "JSON null",
    ],
)
@pytest.mark.parametrize("headers", [[], [JSON]], ids=["bare", "as JSON"])
async def test_a_body_that_is_no_event_is_one_dead_letter_at_once(body: bytes | None, headers: Headers) -> None:
    handled, (letter,) = await after((b"bad", body, headers))
    assert handled == ["good"]
    assert headers_of(letter)["x-reason"] == "bad_event"
    assert headers_of(letter)["x-attempts"] == "1"
    assert letter.value == body


async def test_a_letter_is_the_message_byte_for_byte() -> None:
    came: Headers = [
        JSON,
        ("twice", b"1"),
        ("twice", b"2"),
        ("binary", b"\xff\x00"),
        ("null", None),
        ("x-theirs", b"a"),
    ]
    _, letters = await after((b"\xff\xfe", BAD, came), (b"mug", None, came), (None, BAD, came))
    for letter, (key, value) in zip(letters, [(b"\xff\xfe", BAD), (b"mug", None), (None, BAD)], strict=True):
        assert (letter.key, letter.value) == (key, value)
        assert [header for header in letter.headers if header[0] not in records.ADDED] == came


async def test_a_retry_is_the_message_byte_for_byte_too() -> None:
    came: Headers = [JSON, ("twice", b"1"), ("twice", b"2"), ("null", None)]
    broker, failures = make_broker(HASTY, service="curator", registry=CollectorRegistry()), [Transient("busy", "")] * 2

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        if failures:
            raise failures.pop()

    async with memory_broker(broker) as log:
        log.append(PRODUCT_WITHDRAWN.name, b"mug", BAD, came)
        await log.settled(10)
    (retry,) = log.said(PRODUCT_WITHDRAWN.retry)
    assert [header for header in retry.headers if header[0] not in records.ADDED] == came


def test_a_replay_is_what_first_came_without_what_its_death_added() -> None:
    came: Headers = [("twice", b"1"), ("twice", b"2"), ("null", None), ("x-theirs", b"a")]
    died = [*came, ("x-reason", b"bad_event"), (records.RETRY_ROUND, b"3"), (records.NULL_VALUE, b"1")]
    letter = dead_letters.Letter("product.withdrawn.v1", "product.withdrawn.v1.dead/0/7", b"mug", None, died)
    assert without_death(letter.headers, letter.place) == [*came, ("x-replay-of", b"product.withdrawn.v1.dead/0/7")]


async def test_a_reply_is_sent_nowhere_whatever_a_message_asks_for() -> None:
    broker = make_broker(HASTY, service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> str:
        return "an answer"

    async with memory_broker(broker) as log:
        log.append(PRODUCT_WITHDRAWN.name, b"mug", GOOD, [JSON, ("reply_to", b"model.promoted.v1")])
        await log.settled(10)
    assert len(log.records) == 1


@pytest.mark.parametrize(
    ("fits", "cut"),
    [
        (lambda key, value, headers: len(value or b"") < 10, b"body"),
        (lambda key, value, headers: len(headers) < 14, b"body and headers"),
        (lambda key, value, headers: key is None, b"body, headers and key"),
    ],
)
async def test_a_letter_that_is_too_large_loses_what_makes_it_so_but_not_its_place(fits: object, cut: bytes) -> None:
    written: list[tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]] = []

    async def copy(topic: str, *, key: bytes | None, value: bytes | None, headers: Headers, choose: object) -> None:
        if not fits(key, value, headers):  # type: ignore[operator]
            raise MessageSizeTooLargeError()
        written.append((key, value, headers))

    await buried(copy, [JSON, *((f"h{n}", b"") for n in range(20))])
    ((_, value, headers),) = written
    assert value == b""
    assert dict(headers)["x-cut"] == cut
    assert dict(headers)["x-original-offset"] == b"0"


async def test_what_is_too_large_for_another_round_is_buried_whole() -> None:
    topics: list[str] = []

    async def copy(topic: str, *, key: bytes | None, value: bytes | None, headers: Headers, choose: object) -> None:
        topics.append(topic)
        if topic.endswith(".retry"):
            raise MessageSizeTooLargeError()

    await buried(copy, [JSON], Transient("busy", "later"))
    assert topics == [PRODUCT_WITHDRAWN.retry, PRODUCT_WITHDRAWN.dead]


async def buried(copy: object, headers: Headers, error: Exception = BadImage("not_an_image", "no photo")) -> None:  # noqa: B008
    broker = make_broker(HASTY, service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        raise error

    async with memory_broker(broker) as log:
        broker.letters.copy = copy  # type: ignore[assignment]
        log.append(PRODUCT_WITHDRAWN.name, b"mug", BAD, headers)
        await asyncio.wait_for(log.settled(60), 60)


class Speechless(Exception):
    """Fails even at saying what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "error",
    [Speechless(), ValueError("half a surrogate \ud800"), ValueError("x" * 5_000_000), BadImage("odd", "\ud800")],
)
async def test_whatever_an_error_says_its_letter_is_written(error: Exception) -> None:
    log = await failing(error)
    (letter,) = log.said(PRODUCT_WITHDRAWN.dead)
    assert len(headers_of(letter)["x-detail"]) <= 1024


async def failing(error: Exception) -> MemoryLog:
    broker = make_broker(HASTY, service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        raise error

    async with memory_broker(broker) as log:
        log.append(PRODUCT_WITHDRAWN.name, b"mug", BAD, [JSON])
        await log.settled(10)
    return log


def test_ids_of_any_length_are_remembered_in_bounded_memory() -> None:
    counted = Counted(Metrics(CollectorRegistry(), service="curator"), Health())
    assert not counted.seen_before(1, "x" * 1_000_000)
    assert counted.seen_before(1, "x" * 1_000_000)
    assert not counted.seen_before(2, "x" * 1_000_000), "another handler has not seen it"
    assert not counted.seen_before(1, None)
    for number in range(REMEMBERED):
        counted.seen_before(1, f"{number}" * 100)
    assert len(counted.seen) == REMEMBERED
    assert sum(map(sys.getsizeof, counted.seen)) < 100 * REMEMBERED
    assert not counted.seen_before(1, "x" * 1_000_000), "what is long ago is forgotten"


async def test_a_letter_that_kafka_refuses_again_and_again_asks_for_a_new_process_and_is_not_lost() -> None:
    broker = make_broker(HASTY, service="curator", registry=CollectorRegistry())
    refusals, written = [OutOfOrderSequenceNumber()] * MOST_REFUSALS, []

    async def copy(topic: str, *, key: bytes | None, value: bytes | None, headers: Headers, choose: object) -> None:
        if refusals:
            raise refusals.pop()
        written.append(topic)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        raise BadImage("not_an_image", "no photo")

    async with memory_broker(broker) as log:
        broker.letters.copy = copy  # type: ignore[assignment]
        log.append(PRODUCT_WITHDRAWN.name, b"mug", BAD, [JSON])
        await log.settled(10)
    assert "OutOfOrderSequenceNumber" in (broker.health.failed or "")
    assert written == [PRODUCT_WITHDRAWN.dead]


async def test_a_foreign_header_that_is_no_text_costs_no_event() -> None:
    handled, letters = await after((b"good", GOOD, [JSON, ("theirs", b"\xff"), ("null", None)]))
    assert (handled, letters) == (["good", "good"], [])


@pytest.mark.parametrize("codec", [1, 2, 3, 4], ids=["gzip", "snappy", "lz4", "zstd"])
def test_what_a_platform_compresses_is_read_however_it_does(codec: int) -> None:
    """Else its partition stands still for ever: nothing can be buried of what cannot be unpacked."""
    batch = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 100_000)
    for offset in range(9):
        batch.append(offset, 0, b"good", GOOD, [])
    (read,) = [list(found) for found in iter(MemoryRecords(bytes(batch.build())).next_batch, None)]
    assert [record.value for record in read] == [GOOD] * 9


async def test_a_letter_that_its_reader_cannot_take_in_lies_where_it_lies() -> None:
    """There is no T.dead.dead: whoever wrote there would wait for it for ever, and read no other letter."""
    broker, heard = make_broker(HASTY, service="gateway", registry=CollectorRegistry()), []

    @broker.subscriber(PRODUCT_WITHDRAWN.dead)
    async def on_letter(body: bytes) -> None:
        heard.append(body)
        if body == BAD:
            raise ValueError("no row for it")

    async with memory_broker(broker) as log:
        for value in (BAD, GOOD):
            log.append(PRODUCT_WITHDRAWN.dead, b"mug", value, [JSON])
        await log.settled(10)
    assert heard == [BAD, BAD, GOOD]
    assert {record.topic for record in log.records} == {PRODUCT_WITHDRAWN.dead}
