"""How often and after which pause a message is tried again, alone and in a batch."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaTimeoutError, MessageSizeTooLargeError
from faststream.kafka.response import KafkaPublishCommand
from prometheus_client import CollectorRegistry

from shared.contracts.errors import DependencyDown, Transient
from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.delivery import dead_letter, retry
from shared.runtime.delivery.deliveries import Mark
from shared.runtime.in_hand import PendingPublishes
from shared.runtime.memory.broker import MemoryLog, MemoryProducer, memory_broker
from shared.runtime.message import Message
from shared.runtime.records import Headers, Record, headers_of
from shared.runtime.settings import KafkaSettings

JSON = ("content-type", b"application/json")
WHERE = {"service": "curator", "topic": "product.withdrawn.v1"}
PLACE = TopicPartition(PRODUCT_WITHDRAWN.name, 0)


@dataclass
class Bench:
    """A curator whose pauses are noted and not slept, with what it handled and logged."""

    settings: KafkaSettings
    failures: list[Exception] = field(default_factory=list)
    bad: str = ""
    batch: bool = False
    log: MemoryLog = field(default_factory=MemoryLog)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    handled: list[list[str]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)

    def broker(self) -> Broker:
        broker = make_broker(self.settings, service="curator", registry=self.registry)
        broker.health.pause = self.pause  # type: ignore[method-assign]
        if self.batch:

            @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", batch=True, max_records=8)
            async def on_several(events: list[ProductWithdrawn]) -> None:
                self.handle([event.product_id for event in events])
        else:

            @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
            @broker.publisher(SAMPLE_CURATED.name)
            async def on_one(event: ProductWithdrawn) -> SampleCurated:
                self.handle([event.product_id])
                return SampleCurated(
                    product_id=event.product_id, image_sha256="a" * 64, verdict="dropped", reason="withdrawn"
                )

        return broker

    def handle(self, products: list[str]) -> None:
        self.handled.append(products)
        if self.bad in products and self.failures:
            raise self.failures.pop(0)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def put(self, *products: str, topic: str = PRODUCT_WITHDRAWN.name, headers: Headers = ()) -> None:
        for product in products:
            body = ProductWithdrawn(product_id=product).model_dump_json().encode()
            self.log.append(topic, product.encode(), body, [JSON, *headers])

    async def run(self) -> "Bench":
        with structlog.testing.capture_logs() as self.lines:
            async with memory_broker(self.broker(), log=self.log):
                await self.log.settled(10)
        return self

    def counted(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, WHERE | labels)


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (retry, dead_letter):
        monkeypatch.setattr(module.random, "uniform", lambda least, most: (least + most) / 2)
    yield


async def test_each_pause_in_place_is_four_times_the_one_before_less_up_to_a_half() -> None:
    bench = Bench(KafkaSettings(tries=4, try_delay_s=0.34), [Transient("busy", "try again")] * 3, bad="mug")
    bench.put("mug")
    await bench.run()
    assert bench.pauses == [pytest.approx(pause) for pause in (0.255, 1.02, 4.08)]
    assert bench.counted("backdrop_tries_again_total", reason="busy") == 3
    assert bench.lines == [
        {"event": "tries again", "reason": "busy", "detail": "try again", "after_s": after_s, "log_level": "info"}
        for after_s in (0.3, 1.4, 5.4)
    ]


async def test_outages_in_place_are_waited_out_with_growing_pauses_and_cost_no_try() -> None:
    failures: list[Exception] = [DependencyDown("blobs_down", "no answer")] * 3
    bench = Bench(KafkaSettings(tries=1, retry_delays_s=()), failures, bad="mug")
    bench.put("mug")
    await bench.run()
    assert bench.pauses == [pytest.approx(pause) for pause in (0.45, 0.9, 1.8)]
    assert len(bench.handled) == 4 and bench.log.said(PRODUCT_WITHDRAWN.dead) == []
    assert bench.counted("backdrop_tries_again_total", reason="blobs_down") is None


@pytest.mark.parametrize(
    ("retry_delays_s", "not_yet_delays_s", "longest_s"),
    [((30.0, 40.0), (2.0, 50.0), 50.0), ((30.0, 70.0), (2.0,), 70.0), ((), (), 0.0)],
)
def test_a_retried_message_waits_as_long_as_its_headers_say_but_never_longer_than_any_round(
    retry_delays_s: tuple[float, ...], not_yet_delays_s: tuple[float, ...], longest_s: float
) -> None:
    bench = Bench(KafkaSettings(retry_delays_s=retry_delays_s, not_yet_delays_s=not_yet_delays_s))
    headers = [("x-retry-group", b"curator"), ("x-retry-delay-s", b"inf"), ("x-retry-not-before", b"inf")]
    bench.put("mug", topic=PRODUCT_WITHDRAWN.retry, headers=headers)
    (waits,), letters = bench.log.records, bench.broker().letters
    mine, other = (retry.Retries(letters, group=group) for group in ("curator", "inpainter"))
    assert (mine.seconds_to_wait(waits), other.seconds_to_wait(waits)) == (longest_s, 0.0)


async def test_a_message_on_its_own_topic_waits_for_nothing() -> None:
    bench = Bench(KafkaSettings())
    bench.put("mug", headers=[("x-retry-delay-s", b"inf"), ("x-retry-not-before", b"inf")])
    assert (await bench.run()).handled == [["mug"]]


async def test_a_retry_that_is_somebody_elses_is_skipped_and_counted() -> None:
    bench = Bench(KafkaSettings())
    bench.put("mug", topic=PRODUCT_WITHDRAWN.retry, headers=[("x-retry-group", b"inpainter")])
    await bench.run()
    assert bench.handled == []
    assert bench.counted("backdrop_messages_total", outcome="skipped") == 1
    assert not bench.counted("backdrop_messages_total", outcome="done")
    assert bench.log.read_by("curator").has(bench.log.records[0]), "it is read once and no more"


async def test_a_good_batch_is_handled_at_once() -> None:
    bench = Bench(KafkaSettings(), batch=True)
    bench.put("a", "b", "c")
    await bench.run()
    assert bench.handled == [["a", "b", "c"]] and bench.lines == []
    assert bench.counted("backdrop_messages_total", outcome="done") == 3


async def test_a_batch_that_fails_goes_on_one_by_one_and_each_has_all_its_tries() -> None:
    failures = [Transient("busy", "try again")] * 3
    bench = Bench(KafkaSettings(tries=3, try_delay_s=1.0), failures, bad="b", batch=True)
    bench.put("a", "b", "c")
    await bench.run()
    assert bench.handled == [["a", "b", "c"], ["a"], ["b"], ["b"], ["b"], ["c"]]
    assert bench.lines[0] == {
        "event": "a batch failed, goes on one by one",
        "records": 3,
        "error": "Transient('try again')",
        "log_level": "info",
    }
    assert bench.log.said(PRODUCT_WITHDRAWN.dead) == []
    assert bench.counted("backdrop_messages_total", outcome="done") == 3


async def test_each_of_a_batch_of_retries_waits_for_its_own_turn() -> None:
    bench, began = Bench(KafkaSettings(), batch=True), time.monotonic()
    for product, group, delay in (("a", b"curator", b".05"), ("b", b"inpainter", b"9"), ("c", b"curator", b".07")):
        headers = [("x-retry-group", group), ("x-retry-delay-s", delay), ("x-retry-not-before", b"inf")]
        bench.put(product, topic=PRODUCT_WITHDRAWN.retry, headers=headers)
    await bench.run()
    assert bench.handled == [["a"], ["c"]] and time.monotonic() - began >= 0.12
    assert bench.counted("backdrop_messages_total", outcome="done") == 2


async def test_a_batch_with_a_suspect_goes_one_by_one_from_the_start() -> None:
    bench = Bench(KafkaSettings(), batch=True)
    bench.put("a", "b")
    bench.log.read_by("curator").held[PLACE] = Mark(0)
    assert (await bench.run()).handled == [["a"], ["b"]]


async def test_what_killed_twice_is_buried_with_both_deaths_for_its_attempts() -> None:
    bench = Bench(KafkaSettings())
    bench.put("killer", "behind")
    bench.log.read_by("curator").held[PLACE] = Mark(0, 2)
    await bench.run()
    (letter,) = bench.log.said(PRODUCT_WITHDRAWN.dead)
    said = headers_of(letter)
    assert (bench.handled, letter.key) == ([["behind"]], b"killer")
    assert bench.counted("backdrop_messages_total", outcome="done") == 1
    assert (said["x-reason"], said["x-attempts"], said["x-group"], said["x-exception"]) == (
        "killed_its_worker",
        "2",
        "curator",
        "KilledItsWorker",
    )
    assert said["x-detail"] == "was in hand 2 times when its worker ended without a word (killed, out of memory)"


async def test_what_killed_once_and_not_again_is_done_like_any_other() -> None:
    bench = Bench(KafkaSettings())
    bench.put("suspect")
    bench.log.read_by("curator").held[PLACE] = Mark(0, 1)
    await bench.run()
    assert bench.handled == [["suspect"]] and not bench.log.said(PRODUCT_WITHDRAWN.dead)
    assert bench.counted("backdrop_messages_total", outcome="done") == 1


async def test_without_a_group_nobody_knows_of_earlier_readers_and_a_message_is_handled() -> None:
    bench, called = Bench(KafkaSettings()), list[Message]()

    async def call(message: Message) -> None:
        called.append(message)

    message = Message.of((bench.log.append(PRODUCT_WITHDRAWN.name, b"mug", b"{}", []),))
    assert await retry.Retries(bench.broker().letters, group="").settled(call, message, None)
    assert called == [message]


async def test_without_a_group_a_batch_is_handled_at_once_too() -> None:
    bench, called = Bench(KafkaSettings()), list[Message]()

    async def call(message: Message) -> None:
        called.append(message)

    message = Message.of(tuple(bench.log.append(PRODUCT_WITHDRAWN.name, b"mug", b"{}", []) for _ in range(3)))
    assert await retry.Retries(bench.broker().letters, group="").settled(call, message, None)
    assert called == [message]


async def test_a_reader_that_cannot_ask_how_the_last_one_ended_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, refusals = Bench(KafkaSettings()), [TimeoutError(), CommitFailedError("no")]
    left = bench.log.read_by("curator").left

    async def refusing(place: TopicPartition) -> Mark | None:
        if refusals:
            raise refusals.pop(0)
        return await left(place)

    monkeypatch.setattr(bench.log.read_by("curator"), "left", refusing)
    bench.put("a", "b", "c")
    await bench.run()
    assert [(line["event"], line["error"]) for line in bench.lines] == [
        ("does not know how the last reader ended", error)
        for error in ("TimeoutError()", repr(CommitFailedError("no")))
    ]


async def refuse_answers(monkeypatch: pytest.MonkeyPatch, bench: Bench, *refusals: Exception) -> None:
    """Run, while Kafka refuses the first answers."""
    publish, left = MemoryProducer.publish, list(refusals)

    async def refusing(self: MemoryProducer, cmd: KafkaPublishCommand) -> None:
        if cmd.destination == SAMPLE_CURATED.name and left:
            raise left.pop(0)
        await publish(self, cmd)

    monkeypatch.setattr(MemoryProducer, "publish", refusing)
    await bench.run()


async def test_a_returned_answer_that_does_not_leave_is_waited_for_as_any_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(KafkaSettings())
    bench.put("mug")
    await refuse_answers(monkeypatch, bench, KafkaTimeoutError())
    assert bench.pauses == [pytest.approx(0.45)]
    assert bench.log.said(PRODUCT_WITHDRAWN.dead) == []


async def test_a_returned_answer_that_is_too_large_is_one_letter_of_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(KafkaSettings())
    bench.put("mug")
    await refuse_answers(monkeypatch, bench, MessageSizeTooLargeError())
    (letter,) = bench.log.said(PRODUCT_WITHDRAWN.dead)
    said = headers_of(letter)
    assert (said["x-reason"], said["x-attempts"], said["x-group"]) == ("event_too_large", "1", "curator")


async def test_an_answer_that_turns_out_too_large_behind_the_handlers_back_is_a_letter_too() -> None:
    bench = Bench(KafkaSettings())
    bench.put("first", "behind")
    offsets = bench.log.read_by("curator")
    finished, refusals = offsets.finished, [MessageSizeTooLargeError()]

    async def refusing(records: Iterable[Record], pending: PendingPublishes) -> None:
        if refusals:
            assert pending.refused is not None
            await pending.refused(list(records), refusals.pop())
        await finished(records, pending)

    offsets.finished = refusing  # type: ignore[method-assign]
    await bench.run()
    (letter,) = bench.log.said(PRODUCT_WITHDRAWN.dead)
    said = headers_of(letter)
    assert (letter.key, said["x-exception"]) == (b"first", "MessageSizeTooLargeError")
    assert (said["x-reason"], said["x-attempts"], said["x-group"]) == ("event_too_large", "1", "curator")
    assert bench.handled == [["first"], ["behind"]]
