"""Offsets follow answers: nothing is committed before Kafka has confirmed what was published for it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaTimeoutError
from faststream.kafka.response import KafkaPublishCommand
from faststream.response.publish_type import PublishType

from shared.runtime import offsets as module
from shared.runtime.health import Health
from shared.runtime.offsets import OffsetCommitter, PendingPublishes

PLACE = TopicPartition("product.withdrawn.v1", 0)


@dataclass
class Commits:
    """A consumer's committing half."""

    committed: list[dict[TopicPartition, tuple[int, str]]] = field(default_factory=list)
    owns: set[TopicPartition] = field(default_factory=lambda: {PLACE})
    refusals: list[Exception] = field(default_factory=list)

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


def an_answer() -> KafkaPublishCommand:
    return KafkaPublishCommand(b"", topic="sample.curated.v1", _publish_type=PublishType.PUBLISH)


async def pending_publishes(*confirmations: "asyncio.Future[Any]") -> PendingPublishes:
    pending, left = PendingPublishes(), list(confirmations)

    async def send(cmd: KafkaPublishCommand) -> Any:
        return left.pop(0)

    if confirmations:
        await pending.send(send, an_answer())
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
    await committer.finished([Message(4)], await pending_publishes(pending))
    await asyncio.sleep(0.2)
    assert consumer.committed == []
    pending.set_result(None)
    await committer.flush()
    assert consumer.committed == [{PLACE: (5, "")}]
    await committer.close()


async def test_a_later_answer_does_not_overtake_an_earlier_one() -> None:
    consumer, pending = Commits(), asyncio.get_running_loop().create_future()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.finished([Message(1)], await pending_publishes(pending))
    await committer.finished([Message(2)], await pending_publishes(confirmed()))
    await committer.flush(timeout_s=0.3)
    assert consumer.committed == []
    await committer.close()


async def test_many_messages_are_one_commit() -> None:
    consumer = Commits()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    for offset in range(50):
        await committer.finished([Message(offset)], await pending_publishes(confirmed()))
    await committer.flush()
    assert consumer.committed[-1] == {PLACE: (50, "")}
    assert len(consumer.committed) <= 3
    await committer.close()


async def test_an_unconfirmed_answer_is_sent_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "RESEND_AFTER_S", 0.01)
    consumer = Commits()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    await committer.finished([Message(7)], await pending_publishes(refused(KafkaTimeoutError()), confirmed()))
    await committer.flush()
    assert consumer.committed == [{PLACE: (8, "")}]
    await committer.close()


async def test_a_refused_commit_is_counted_and_a_lost_partition_is_left_to_its_new_owner() -> None:
    failures: list[int] = []
    consumer = Commits(refusals=[CommitFailedError()])
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: failures.append(1))
    await committer.finished([Message(1)], await pending_publishes(confirmed()))
    await committer.flush()
    consumer.owns.clear()
    await committer.finished([Message(2)], await pending_publishes(confirmed()))
    await committer.flush()
    assert consumer.committed == []
    assert failures == [1]
    await committer.close()


async def test_with_too_many_answers_on_their_way_the_consumer_waits(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_IN_FLIGHT", 2)
    consumer, pending = Commits(), asyncio.get_running_loop().create_future()
    committer = OffsetCommitter(consumer, health=Health(), on_failed_commit=lambda: None)
    for offset in range(2):
        await committer.finished([Message(offset)], await pending_publishes(pending))
    third = asyncio.create_task(committer.finished([Message(2)], await pending_publishes(confirmed())))
    await asyncio.sleep(0.1)
    assert not third.done()
    pending.set_result(None)
    await asyncio.wait_for(third, 2)
    await committer.close()
