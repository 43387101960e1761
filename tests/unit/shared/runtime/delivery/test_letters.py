"""What a letter says, header for header, where it goes, and what is counted and logged of it."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from prometheus_client import CollectorRegistry

from shared.contracts.errors import BadImage, NotYet, Transient
from shared.contracts.events import SampleCurated
from shared.runtime.delivery import dead_letter
from shared.runtime.delivery.dead_letter import Choose, DeadLetters
from shared.runtime.delivery.dispositions import Action, Disposition, classify
from shared.runtime.health import Health
from shared.runtime.records import Headers
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.metrics import Metrics

SETTINGS = KafkaSettings(retry_delays_s=(30.0, 120.0), not_yet_delays_s=(2.0,), wait_first_s=0.66, wait_cap_s=30.0)
ANSWER = SampleCurated(product_id="mug", image_sha256="a" * 64, verdict="dropped", reason="withdrawn")
WHERE = {"service": "curator", "topic": "product.withdrawn.v1"}
NO_PHOTO = BadImage("not_an_image", "no photo")
BUSY = Transient("busy", "try again")


@dataclass
class Sent:
    """One letter."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    partition: int | None

    @property
    def said(self) -> dict[str, bytes | None]:
        """Its headers by name."""
        return dict(self.headers)


@dataclass
class Post:
    """Kafka as the letters see it, what they pause, and what is logged meanwhile."""

    letters: DeadLetters
    registry: CollectorRegistry
    sent: list[Sent] = field(default_factory=list)
    published: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)

    async def copy(
        self, topic: str, *, key: bytes | None, value: bytes | None, headers: Headers, choose: Choose | None = None
    ) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        partition = None if choose is None else choose(range(30, 33))
        self.sent.append(Sent(topic, key, value, list(headers), partition))

    async def publish(self, event: Any, **how: Any) -> None:
        self.published.append((event, how))

    async def pause(self, seconds: float) -> None:
        waiting = {"service": "curator", "reason": "kafka_down"}
        assert self.letters.health.waits_for == ("kafka_down",)
        assert self.registry.get_sample_value("backdrop_waiting", waiting) == 1
        self.pauses.append(seconds)

    async def give_up(self, record: ConsumerRecord, error: Exception, *, group: str = "curator") -> Sent:
        """The letter about a record that failed for the third time."""
        with structlog.testing.capture_logs() as self.lines:
            await self.letters.give_up(record, classify(error), error, group=group, tries=3)
        return self.sent[-1]

    def counted(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, WHERE | labels)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    registry, health = CollectorRegistry(), Health()
    post = Post(None, registry)  # type: ignore[arg-type]
    post.letters = DeadLetters(
        post.publish,
        post.copy,
        service="curator",
        settings=SETTINGS,
        metrics=Metrics(registry, service="curator"),
        health=health,
    )
    monkeypatch.setattr(health, "pause", post.pause)
    monkeypatch.setattr(dead_letter.time, "time", lambda: 1000.0)
    monkeypatch.setattr(dead_letter.random, "uniform", lambda least, most: (least + most) / 2)
    return post


def record(
    *headers: tuple[str, bytes | None],
    topic: str = "product.withdrawn.v1",
    key: bytes | None = b"mug",
    value: bytes | None = b"{}",
) -> ConsumerRecord:
    return ConsumerRecord(topic, 2, 7, 0, 0, key, value, None, 3, 2, tuple(headers))


async def test_a_dead_letter_says_what_it_was_why_and_whose(post: Post) -> None:
    letter = await post.give_up(record(("theirs", b"x")), NO_PHOTO)
    assert (letter.topic, letter.key, letter.value) == ("product.withdrawn.v1.dead", b"mug", b"{}")
    assert letter.headers == [
        ("theirs", b"x"),
        ("x-original-topic", b"product.withdrawn.v1"),
        ("x-original-partition", b"2"),
        ("x-original-offset", b"7"),
        ("x-reason", b"not_an_image"),
        ("x-detail", b"no photo"),
        ("x-exception", b"BadImage"),
        ("x-attempts", b"3"),
        ("x-group", b"curator"),
        ("x-service", b"curator"),
        ("x-failed-at", b"1000.000"),
    ]
    assert post.counted("backdrop_messages_total", outcome="dead") == 1
    assert post.counted("backdrop_dead_letters_total", **{"class": "dead", "reason": "not_an_image"}) == 1
    published = {"service": "curator", "topic": "product.withdrawn.v1.dead"}
    assert post.registry.get_sample_value("backdrop_published_total", published) == 1
    assert post.lines == [
        {
            "event": "given up: dead letter",
            "reason": "not_an_image",
            "detail": "no photo",
            "tries": 3,
            "round": 0,
            "exc_info": None,
            "log_level": "warning",
        }
    ]


async def test_a_retry_says_for_whom_it_is_which_round_it_is_and_how_long_it_waits(post: Post) -> None:
    letter = await post.give_up(record(), BUSY)
    assert letter.topic == "product.withdrawn.v1.retry"
    assert letter.said["x-retry-group"] == b"curator"
    assert letter.said["x-retry-round"] == b"1"
    assert letter.said["x-retry-delay-s"] == b"30.0"
    assert letter.said["x-retry-not-before"] == b"1030.000"
    assert post.counted("backdrop_messages_total", outcome="retried") == 1
    assert post.counted("backdrop_messages_total", outcome="dead") is None
    assert post.counted("backdrop_dead_letters_total", reason="busy") is None
    assert post.lines == [
        {
            "event": "will be tried later",
            "reason": "busy",
            "detail": "try again",
            "tries": 3,
            "round": 0,
            "exc_info": None,
            "log_level": "warning",
        }
    ]


async def test_each_round_has_its_own_pause_and_after_the_last_it_is_dead(post: Post) -> None:
    came = record(("x-retry-round", b"1"), ("x-attempts", b"3"), topic="product.withdrawn.v1.retry")
    letter = await post.give_up(came, BUSY)
    assert (letter.topic, letter.said["x-retry-round"]) == ("product.withdrawn.v1.retry", b"2")
    assert (letter.said["x-retry-delay-s"], letter.said["x-attempts"]) == (b"120.0", b"6")
    letter = await post.give_up(record(("x-retry-round", b"2"), topic="product.withdrawn.v1.retry"), BUSY)
    assert letter.topic == "product.withdrawn.v1.dead"
    assert post.lines[0]["round"] == 2


async def test_each_wait_has_partitions_of_its_own_and_a_dead_letter_goes_by_its_key(post: Post) -> None:
    soon = NotYet("still_unknown", "not there yet", answer=ANSWER)
    rounds = [record(("x-retry-round", turn), topic="product.withdrawn.v1.retry") for turn in (b"0", b"1", b"2")]
    assert (await post.give_up(record(), soon)).partition == 30
    assert [(await post.give_up(one, BUSY)).partition for one in rounds] == [31, 32, None]


async def test_where_nobody_would_hear_a_retry_it_is_dead_at_once(post: Post) -> None:
    assert (await post.give_up(record(), BUSY, group="")).topic == "product.withdrawn.v1.dead"


async def test_what_never_came_is_answered_under_the_answers_own_key(post: Post) -> None:
    came = record(("x-retry-round", b"1"), topic="product.withdrawn.v1.retry")
    with structlog.testing.capture_logs() as lines:
        error = NotYet("still_unknown", "not there yet", answer=ANSWER)
        await post.letters.give_up(came, classify(error), error, group="curator", tries=1)
    assert post.published == [(ANSWER, {"topic": "sample.curated.v1", "key": b"mug"})]
    assert post.sent == []
    assert post.counted("backdrop_messages_total", outcome="answered") == 1
    assert lines == [
        {
            "event": "what it waited for did not come: answered",
            "reason": "still_unknown",
            "detail": "not there yet",
            "log_level": "info",
        }
    ]


async def test_where_it_first_stood_stays_however_often_it_is_sent_on(post: Post) -> None:
    came = record(
        ("x-original-topic", b"first.v1"),
        ("x-original-partition", b"5"),
        ("x-original-offset", b"9" * 300),
        topic="product.withdrawn.v1.retry",
    )
    said = (await post.give_up(came, NO_PHOTO)).said
    assert (said["x-original-topic"], said["x-original-partition"]) == (b"first.v1", b"5")
    assert said["x-original-offset"] == b"9" * 256


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("x" * 3000, b"x" * 1024),
        ("é" * 3000, "é".encode() * 512),
        ("x" + "é" * 3000, b"x" + "é".encode() * 511),  # half a letter is none
        ("half \ud800", b"half ?"),
        ("x" * 1020 + " password=hunter2", b"x" * 1020 + b" pas"),
        ("password=" + "h" * 2000, b"password=[hidden]"),
    ],
)
async def test_a_detail_is_cut_after_its_secrets_are_hidden(post: Post, detail: str, said: bytes) -> None:
    assert (await post.give_up(record(), BadImage("odd", detail))).said["x-detail"] == said


async def test_an_error_of_any_name_fits_into_a_header(post: Post) -> None:
    error = type("E" * 300, (Exception,), {})()
    assert (await post.give_up(record(), error, group="")).said["x-exception"] == b"E" * 256


async def test_what_nobody_expected_is_logged_with_its_traceback(post: Post) -> None:
    error = ZeroDivisionError("division by zero")
    await post.give_up(record(), error, group="")
    assert post.lines[0]["exc_info"] is error


async def test_an_outage_is_waited_out_with_growing_pauses_before_anything_is_counted(post: Post) -> None:
    post.refusals = [KafkaTimeoutError(), KafkaTimeoutError(), KafkaTimeoutError()]
    letter = await post.give_up(record(), NO_PHOTO)
    assert letter.topic == "product.withdrawn.v1.dead"
    # between 80 and 100 % of 0.66 s, then of twice and of four times as much
    assert post.pauses == [pytest.approx(0.594), pytest.approx(1.188), pytest.approx(2.376)]
    assert post.lines[:3] == [
        {
            "event": "waits before another try",
            "reason": "kafka_down",
            "pause_s": pause_s,
            "log_level": "warning",
            "detail": "Kafka does not take the message: KafkaTimeoutError()",
        }
        for pause_s in (0.7, 1.3, 2.6)
    ]
    assert post.letters.health.waits_for == () and post.letters.health.failed is None
    assert post.registry.get_sample_value("backdrop_waiting", {"service": "curator", "reason": "kafka_down"}) == 0


async def test_pauses_differ_so_that_workers_do_not_come_back_at_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(post.letters.health, "pause", post.pause)
    for _ in range(50):
        await post.letters.wait(Disposition(Action.WAIT, "kafka_down", ""), 0)
    assert 0.528 <= min(post.pauses) < max(post.pauses) <= 0.66


async def test_a_message_without_key_and_body_leaves_a_letter_that_says_so(post: Post) -> None:
    letter = await post.give_up(record(("theirs", b"x"), key=None, value=None), NO_PHOTO)
    assert (letter.key, letter.value) == (None, b"")
    assert letter.headers[0] == ("theirs", b"x")
    assert (letter.headers[-1], letter.said["x-reason"]) == (("x-null-value", b"1"), b"not_an_image")


async def test_a_letter_that_is_too_large_is_cut_step_by_step(post: Post) -> None:
    theirs = ("theirs", b"x")
    cuts = []
    for refused in range(4):
        post.refusals = [MessageSizeTooLargeError()] * refused
        letter = await post.give_up(record(theirs), NO_PHOTO)
        cuts.append((letter.key, letter.value, theirs in letter.headers, letter.said.get("x-cut")))
        assert letter.topic == "product.withdrawn.v1.dead" and letter.said["x-reason"] == b"not_an_image"
    assert cuts == [
        (b"mug", b"{}", True, None),
        (b"mug", b"", True, b"body"),
        (b"mug", b"", False, b"body and headers"),
        (None, b"", False, b"body, headers and key"),
    ]


async def test_a_retry_that_is_too_large_for_its_new_headers_counts_as_dead(post: Post) -> None:
    post.refusals = [MessageSizeTooLargeError()]
    letter = await post.give_up(record(), BUSY)
    assert letter.topic == "product.withdrawn.v1.dead" and "x-retry-round" not in letter.said
    assert post.counted("backdrop_messages_total", outcome="dead") == 1
    assert post.counted("backdrop_messages_total", outcome="retried") is None
    assert post.lines[-1]["event"] == "given up: dead letter"


def test_only_what_may_still_succeed_has_rounds(post: Post) -> None:
    delays = {action: post.letters.delays_s(Disposition(action, "", "")) for action in Action}
    assert delays == {Action.DEAD: (), Action.WAIT: (), Action.RETRY: (30.0, 120.0), Action.LATER: (2.0,)}
