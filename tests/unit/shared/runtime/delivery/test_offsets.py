"""Offsets follow answers: nothing is committed before Kafka has confirmed what was published for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaTimeoutError, MessageSizeTooLargeError, OutOfOrderSequenceNumber
from aiokafka.structs import OffsetAndMetadata

from shared.runtime.delivery import offsets as module
from shared.runtime.delivery.deliveries import Mark
from shared.runtime.delivery.offsets import OffsetCommitter
from shared.runtime.health import MOST_REFUSALS, Health
from shared.runtime.in_hand import PendingPublishes

PLACE = TopicPartition("product.withdrawn.v1", 0)


@dataclass
class Commits:
    """A consumer's committing half."""

    committed: list[dict[TopicPartition, tuple[int, str]]] = field(default_factory=list)
    owns: set[TopicPartition] = field(default_factory=lambda: {PLACE})
    refusals: list[Exception] = field(default_factory=list)
    left: dict[TopicPartition, OffsetAndMetadata] = field(default_factory=dict)

    @property
    def _coordinator(self) -> "Commits":
        return self

    async def fetch_committed_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, OffsetAndMetadata]:
        return {place: self.left[place] for place in places if place in self.left}

    def assignment(self) -> set[TopicPartition]:
        return self.owns

    async def commit(self, offsets: dict[TopicPartition, tuple[int, str]]) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.committed.append(offsets)


@dataclass
class Message:
    offset: int
    topic: str = PLACE.topic
    partition: int = PLACE.partition
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass
class Answer:
    """One whose confirmations are known: that of the first time, then those of each time it is sent again."""

    left: list["asyncio.Future[Any]"]
    destination: str = "sample.curated.v1"
    confirmation: Any = None
    sends: int = 0
    asked: int = 0

    async def posted(self) -> Any:
        self.asked += 1
        self.confirmation = self.confirmation or self.left.pop(0)
        return self.confirmation

    async def send(self) -> Any:
        self.sends += 1
        return self.left.pop(0)


def pending_publishes(*confirmations: "asyncio.Future[Any]") -> PendingPublishes:
    pending = PendingPublishes()
    if confirmations:
        pending.sent.append(Answer(list(confirmations)))
    return pending


def confirmed() -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


def refused(error: Exception) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future


async def test_an_offset_waits_for_its_answer() -> None:
    consumer, pending = Commits(), asyncio.get_running_loop().create_future()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.finished([Message(4)], pending_publishes(pending))
    await asyncio.sleep(0.2)
    assert consumer.committed == []
    pending.set_result(None)
    await committer.flush()
    assert consumer.committed == [{PLACE: (5, "")}]
    await committer.close()


async def test_a_later_answer_does_not_overtake_an_earlier_one() -> None:
    consumer, pending = Commits(), asyncio.get_running_loop().create_future()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.finished([Message(1)], pending_publishes(pending))
    await committer.finished([Message(2)], pending_publishes(confirmed()))
    with structlog.testing.capture_logs() as lines:
        await committer.flush(timeout_s=0.1)
    assert consumer.committed == []
    assert lines == [{"event": "unconfirmed answers are left to a redelivery", "messages": 2, "log_level": "warning"}]
    await committer.close()


async def test_many_messages_are_one_commit() -> None:
    consumer = Commits()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    for offset in range(50):
        await committer.finished([Message(offset)], pending_publishes(confirmed()))
    await committer.flush()
    assert consumer.committed[-1] == {PLACE: (50, "")}
    assert len(consumer.committed) <= 3
    await committer.close()


async def test_an_unconfirmed_answer_is_sent_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "RESEND_AFTER_S", 0.01)
    consumer, health, pending = Commits(), Health(), pending_publishes(refused(KafkaTimeoutError()), confirmed())
    committer = OffsetCommitter(consumer, health=health, on_failed_commit=lambda: None)
    with structlog.testing.capture_logs() as lines:
        await committer.finished([Message(7)], pending)
        await eventually(lambda: health.waits_for == ("kafka_down",))
        await committer.flush()
    (answer,) = pending.sent
    assert isinstance(answer, Answer) and answer.sends == 1
    assert consumer.committed == [{PLACE: (8, "")}] and health.waits_for == ()
    assert lines == [
        {
            "event": "an answer was not confirmed, sends it again",
            "topic": "sample.curated.v1",
            "error": "KafkaTimeoutError()",
            "log_level": "warning",
        }
    ]
    await committer.close()


async def test_a_refused_commit_is_counted_and_a_lost_partition_is_left_to_its_new_owner() -> None:
    failures: list[int] = []
    consumer = Commits(refusals=[CommitFailedError()])
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: failures.append(1))
    with structlog.testing.capture_logs() as lines:
        await committer.finished([Message(1)], pending_publishes(confirmed()))
        await committer.flush()
    assert [(line["event"], line["error"][:17]) for line in lines] == [
        ("offsets were not committed", "CommitFailedError")
    ]
    consumer.owns.clear()
    await committer.finished([Message(2)], pending_publishes(confirmed()))
    await committer.flush()
    assert consumer.committed == []
    assert failures == [1]
    await committer.close()


async def test_with_too_many_answers_on_their_way_the_consumer_waits(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_IN_FLIGHT", 2)
    consumer, pending = Commits(), asyncio.get_running_loop().create_future()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    for offset in range(2):
        await committer.finished([Message(offset)], pending_publishes(pending))
    third = asyncio.create_task(committer.finished([Message(2)], pending_publishes(confirmed())))
    await asyncio.sleep(0.1)
    assert not third.done()
    pending.set_result(None)
    await asyncio.wait_for(third, 60)
    await committer.close()


async def test_the_consumer_goes_on_as_soon_as_one_answer_less_is_on_its_way(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_IN_FLIGHT", 2)
    answers = [asyncio.get_running_loop().create_future() for _ in range(3)]
    committer = OffsetCommitter(Commits(), health=Health(), on_failed_commit=lambda: None)
    for offset in range(2):
        await committer.finished([Message(offset)], pending_publishes(answers[offset]))
    third = asyncio.create_task(committer.finished([Message(2)], pending_publishes(answers[2])))
    await asyncio.sleep(0.01)
    assert not third.done()
    answers[0].set_result(None)
    await asyncio.wait_for(third, 60)
    await committer.close()


async def test_not_every_message_gives_the_producer_its_turn_but_one_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, turned = [100.0], asyncio.Event()
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    committer = OffsetCommitter(Commits(), health=Health(), on_failed_commit=lambda: None)
    turns = list[bool]()
    for offset, later_s in enumerate((0.0, 0.0, 0.01, 0.03, 0.0)):
        now[0] += later_s
        turned.clear()
        asyncio.get_running_loop().call_soon(turned.set)
        await committer.finished([Message(offset)], pending_publishes())
        turns.append(turned.is_set())
    assert turns == [True, False, False, True, False], "after 30 ms"
    await committer.close()


async def test_a_batch_is_committed_up_to_its_newest_message_in_whatever_order_it_came() -> None:
    consumer, other = Commits(), TopicPartition(PLACE.topic, 1)
    consumer.owns.add(other)
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    pending = pending_publishes(confirmed())
    await committer.finished([Message(5), Message(3), Message(8, partition=1), Message(4)], pending)
    await committer.flush()
    assert consumer.committed == [{PLACE: (6, ""), other: (9, "")}]
    await committer.close()


async def test_no_commit_goes_back_behind_another() -> None:
    consumer = Commits()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    for offset in (5, 2):
        await committer.finished([Message(offset)], pending_publishes(confirmed()))
        await committer.flush()
    assert consumer.committed == [{PLACE: (6, "")}, {PLACE: (6, "")}]
    await committer.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESEND_AFTER_S", 0.001)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_producer_that_stays_out_of_sequence_is_no_outage_and_only_a_new_process_helps(hasty: None) -> None:
    consumer, health = Commits(), Health()
    committer = OffsetCommitter(consumer, health=health, on_failed_commit=lambda: None)
    await committer.finished([Message(7)], pending_publishes(*(refused(OutOfOrderSequenceNumber()) for _ in range(50))))
    await eventually(lambda: health.failed is not None)
    assert "OutOfOrderSequenceNumber" in (health.failed or "")
    assert consumer.committed == [], "whoever reads it next says it again"
    await committer.close()


async def test_an_outage_however_long_is_no_reason_for_a_new_process(hasty: None) -> None:
    consumer, health = Commits(), Health()
    committer = OffsetCommitter(consumer, health=health, on_failed_commit=lambda: None)
    outage = [refused(KafkaTimeoutError()) for _ in range(20)]
    await committer.finished([Message(7)], pending_publishes(*outage, confirmed()))
    await committer.flush()
    assert health.failed is None
    assert consumer.committed == [{PLACE: (8, "")}]
    await committer.close()


async def test_a_few_refusals_with_a_success_in_between_are_forgiven(hasty: None) -> None:
    health = Health()
    committer = OffsetCommitter(Commits(), health=health, on_failed_commit=lambda: None)
    for offset in range(3):
        twice = [refused(OutOfOrderSequenceNumber()) for _ in range(MOST_REFUSALS - 1)]
        await committer.finished([Message(offset)], pending_publishes(*twice, confirmed()))
    await committer.flush()
    assert health.failed is None
    await committer.close()


async def test_an_answer_that_is_too_large_for_its_topic_costs_its_message_and_no_other_of_its_batch(
    hasty: None,
) -> None:
    consumer, given_up = Commits(), []
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    pending = pending_publishes(*(refused(MessageSizeTooLargeError()) for _ in range(module.SIZE_TRIES)))

    async def give_up(records: Any, error: Exception) -> None:
        given_up.append((*records, type(error)))

    pending.refused = give_up
    with structlog.testing.capture_logs() as lines:
        await committer.finished([Message(1)], pending)
        neighbour = pending_publishes(refused(MessageSizeTooLargeError()), confirmed())
        await committer.finished([Message(2)], neighbour)
        await committer.flush()
    assert {
        "event": "an answer is too large for its topic",
        "topic": "sample.curated.v1",
        "log_level": "error",
    } in lines
    assert given_up == [(Message(1), MessageSizeTooLargeError)]
    assert consumer.committed[-1] == {PLACE: (3, "")}
    await committer.close()


async def test_an_answer_that_is_there_already_is_not_asked_for_and_committed_with_the_one_before_it() -> None:
    consumer, other = Commits(), TopicPartition(PLACE.topic, 1)
    consumer.owns.add(other)
    first, there = asyncio.get_running_loop().create_future(), Answer([], confirmation=confirmed())
    behind = PendingPublishes()
    behind.sent.append(there)
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.finished([Message(1)], pending_publishes(first))
    await committer.finished([Message(8, partition=1)], behind)
    first.set_result(None)
    await committer.flush()
    assert consumer.committed == [{PLACE: (2, ""), other: (9, "")}] and there.asked == 0
    await committer.close()


async def test_neither_an_answer_that_is_there_nor_one_that_is_refused_already_speaks_for_another(hasty: None) -> None:
    consumer, late = Commits(), asyncio.get_running_loop().create_future()
    unasked, refused_already = Answer([late]), Answer([confirmed()], confirmation=refused(KafkaTimeoutError()))
    first, second = PendingPublishes(), PendingPublishes()
    first.sent += [Answer([], confirmation=confirmed()), unasked]
    second.sent.append(refused_already)
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.finished([Message(1)], first)
    await committer.finished([Message(2)], second)
    flushed = asyncio.create_task(committer.flush())
    for _ in range(50):
        await asyncio.sleep(0)
    assert consumer.committed == [] and not flushed.done()
    late.set_result(None)
    await flushed
    assert consumer.committed[-1] == {PLACE: (3, "")} and (unasked.asked, refused_already.sends) == (1, 1)
    await committer.close()


async def test_offsets_that_cannot_follow_for_whatever_reason_ask_for_a_new_process_in_the_end(hasty: None) -> None:
    consumer, health = Commits(refusals=[RuntimeError("a bug")] * 50), Health()
    committer = OffsetCommitter(consumer, health=health, on_failed_commit=lambda: None)

    async def says_it_often() -> None:
        for offset in range(MOST_REFUSALS + 1):
            await committer.finished([Message(offset)], pending_publishes(confirmed()))
            await asyncio.sleep(0.12)

    await says_it_often()
    await eventually(lambda: health.failed is not None)
    assert "a bug" in (health.failed or "")
    await committer.close()


async def test_offsets_that_follow_in_between_are_forgiven_what_they_did_not(
    hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMMIT_EVERY_S", 0.001)
    consumer, health = Commits(), Health()
    committer = OffsetCommitter(consumer, health=health, on_failed_commit=lambda: None)
    with structlog.testing.capture_logs() as lines:
        for offset in (1, 2):
            consumer.refusals = [RuntimeError("a bug")] * (MOST_REFUSALS - 1)
            await committer.finished([Message(offset)], pending_publishes(confirmed()))
            await eventually(lambda upto=offset: {PLACE: (upto + 1, "")} in consumer.committed)  # type: ignore[misc]
    assert health.failed is None
    assert {(line["event"], line["log_level"], line["exc_info"]) for line in lines} == {
        ("offsets do not follow", "error", True)
    }
    await committer.close()
    assert committer._task.cancelled()


async def test_a_commit_that_kafka_does_not_take_is_made_later(hasty: None) -> None:
    failures: list[int] = []
    consumer = Commits(refusals=[KafkaTimeoutError()])
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: failures.append(1))
    with structlog.testing.capture_logs() as lines:
        await committer.finished([Message(1)], pending_publishes(confirmed()))
        await eventually(lambda: bool(consumer.committed))
    assert lines == [{"event": "offsets are committed later", "error": "KafkaTimeoutError()", "log_level": "warning"}]
    assert (consumer.committed, failures) == ([{PLACE: (2, "")}], [1])
    await committer.close()


async def test_marks_travel_with_commits_until_the_partition_is_left_in_order() -> None:
    consumer = Commits()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    assert await committer.left(PLACE) is None
    await committer.mark(PLACE, Mark(4))
    await committer.finished([Message(4)], pending_publishes(confirmed()))
    await committer.flush()
    await committer.mark(PLACE, Mark(6, 2))
    await committer.release()
    assert consumer.committed == [
        {PLACE: (4, "in-hand 4 1")},
        {PLACE: (5, "in-hand 5 1")},
        {PLACE: (5, "in-hand 6 2")},
        {PLACE: (5, "")},
    ]
    await committer.close()


async def test_the_mark_of_the_last_reader_is_read_and_the_offset_stays_where_it_was() -> None:
    consumer = Commits(left={PLACE: OffsetAndMetadata(3, "in-hand 5 2")})
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    assert await committer.left(PLACE) == Mark(5, 2)
    await committer.mark(PLACE, Mark(3, 2))
    assert consumer.committed == [{PLACE: (3, "in-hand 3 2")}]
    await committer.close()


@pytest.mark.parametrize(("offset", "left"), [(-1, None), (0, Mark(0))])
async def test_a_partition_that_nobody_committed_has_no_mark_and_one_at_its_first_message_may_have(
    offset: int, left: Mark | None
) -> None:
    consumer = Commits(left={PLACE: OffsetAndMetadata(offset, "in-hand 0 1")})
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    assert await committer.left(PLACE) == left
    await committer.close()


async def test_no_mark_is_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Commits):
        async def fetch_committed_offsets(self, places: list[TopicPartition]) -> Any:
            await asyncio.sleep(60)

        async def commit(self, offsets: Any) -> None:
            await asyncio.sleep(60)

    monkeypatch.setattr(module, "MARK_S", 0.01)
    committer = OffsetCommitter(Silent(), health=Health(), on_failed_commit=lambda: None)
    with pytest.raises(TimeoutError):
        await committer.left(PLACE)
    with pytest.raises(TimeoutError):
        await committer.mark(PLACE, Mark(4))
    committer._committed[PLACE] = 4
    with structlog.testing.capture_logs() as lines:
        await committer.release()
    assert [line["error"] for line in lines] == ["TimeoutError()"]
    await committer.close()


async def test_no_mark_moves_an_offset_past_answers_that_are_on_their_way() -> None:
    consumer, pending = Commits(), asyncio.get_running_loop().create_future()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.finished([Message(4)], pending_publishes(pending))
    await committer.mark(PLACE, Mark(5))
    assert consumer.committed == []
    consumer.owns.clear()
    await committer.mark(TopicPartition(PLACE.topic, 1), Mark(5))
    assert consumer.committed == [], "and none is left on a partition that is somebody else's"
    await committer.close()


async def test_a_release_that_kafka_does_not_take_holds_up_no_stop() -> None:
    consumer = Commits()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.mark(PLACE, Mark(4))
    consumer.refusals = [KafkaTimeoutError()]
    with structlog.testing.capture_logs() as lines:
        await committer.release()
    assert lines == [
        {"event": "could not say that it ends in order", "error": "KafkaTimeoutError()", "log_level": "warning"}
    ]
    assert consumer.committed == [{PLACE: (4, "in-hand 4 1")}]
    await committer.close()


async def test_a_reader_of_two_partitions_leaves_both_in_order() -> None:
    consumer, other = Commits(), TopicPartition(PLACE.topic, 1)
    consumer.owns.add(other)
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.mark(PLACE, Mark(0))
    await committer.mark(other, Mark(7))
    await committer.release()
    assert consumer.committed == [
        {PLACE: (0, "in-hand 0 1")},
        {other: (7, "in-hand 7 1")},
        {PLACE: (0, ""), other: (7, "")},
    ]
    await committer.close()
