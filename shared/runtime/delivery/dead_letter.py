"""Letters: a record that could not be handled, put byte for byte on T.retry or T.dead with the reason in its headers.

The offset is committed only after the handler succeeded or the letter is safely there.
"""

import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol

import structlog
from aiokafka.errors import KafkaError, MessageSizeTooLargeError  # type: ignore[import-untyped]

from shared.contracts.errors import NotYet
from shared.contracts.topics import topic_of
from shared.runtime import records
from shared.runtime.delivery.dispositions import Action, Disposition, classify
from shared.runtime.delivery.turns import partition_of
from shared.runtime.health import Health
from shared.runtime.records import Headers, Record
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.metrics import Metrics
from shared.runtime.telemetry.redaction import redacted

log = structlog.get_logger(__name__)

Publish = Callable[..., Awaitable[Any]]
Choose = Callable[[Sequence[int]], int]
"""Picks one of a topic's partitions."""

DETAIL_LIMIT = 1024
HEADER_LIMIT = 256


class Copy(Protocol):
    """Publishes a record as it came: bytes in, bytes out. Raises KafkaError."""

    async def __call__(
        self, topic: str, *, key: bytes | None, value: bytes | None, headers: Headers, choose: Choose | None = None
    ) -> None:
        """Returns when Kafka has it, in the partition that is chosen, else in its key's."""
        ...


class DeadLetters:
    """Writes the letters of one service, and keeps its waits."""

    def __init__(
        self, publish: Publish, copy: Copy, *, service: str, settings: KafkaSettings, metrics: Metrics, health: Health
    ) -> None:
        self.publish = publish
        self.copy = copy
        self.service = service
        self.settings = settings
        self.metrics = metrics
        self.health = health

    async def give_up(
        self, record: Record, disposition: Disposition, error: BaseException, *, group: str, tries: int
    ) -> None:
        """Put a record on T.retry when it may still succeed and has rounds left, else on T.dead, or answer it."""
        turn = records.retry_round(records.headers_of(record))
        delays = self.delays_s(disposition) if group else ()  # without a group nobody would hear it there
        retried = turn < len(delays)
        if isinstance(error, NotYet) and not retried:
            await self._answer(record, error)
            return
        added = self._reason_headers(record, disposition, error, group=group, tries=tries)
        if retried:
            wait_s = delays[turn]
            retried = await self._put_on_retry(record, added | _retry_headers(group, turn + 1, wait_s), wait_s)
        if not retried:
            await self._bury(record, added)
        self._count(record, disposition, retried=retried)
        log.warning(
            "will be tried later" if retried else "given up: dead letter",
            reason=disposition.reason,
            detail=disposition.detail,
            tries=tries,
            round=turn,
            exc_info=_if_unknown(error, disposition),
        )

    def delays_s(self, disposition: Disposition) -> tuple[float, ...]:
        """The pauses on T.retry before a message is given up, in seconds; none for what would only fail again."""
        match disposition.action:
            case Action.RETRY:
                return self.settings.retry_delays_s
            case Action.LATER:
                return self.settings.not_yet_delays_s
            case _:
                return ()

    async def wait(self, disposition: Disposition, times: int) -> None:
        """Pause before trying again, with the service marked not ready."""
        pause = self.settings.pause_s(times)
        log.warning(
            "waits before another try", reason=disposition.reason, detail=disposition.detail, pause_s=round(pause, 1)
        )
        gauge = self.metrics.waiting.labels(self.service, disposition.reason)
        with self.health.waiting(disposition.reason), gauge.track_inprogress():
            await self.health.pause(pause * random.uniform(0.8, 1.0))

    async def _answer(self, record: Record, error: NotYet) -> None:
        """Publish the answer to what never came; the record itself needs no letter then."""
        await self.publish(error.answer, topic=topic_of(error.answer).name, key=error.answer.key.encode())
        topic = records.topic_of_record(record)
        self.metrics.messages.labels(self.service, topic, "answered").inc()
        log.info("what it waited for did not come: answered", reason=error.reason, detail=error.message)

    async def _put_on_retry(self, record: Record, added: dict[str, str], wait_s: float) -> bool:
        """False when the record with its new headers is too large for another round."""
        topic = records.topic_of_record(record) + records.RETRY_SUFFIX
        choose = partial(partition_of, record.key, wait_s, self.settings.waits_s)
        try:
            await self._send(topic, next(_forms(record, added)), choose)
        except MessageSizeTooLargeError:
            return False
        return True

    async def _bury(self, record: Record, added: dict[str, str]) -> None:
        """Put it on T.dead, whole or, where that is too large, as much of it as fits; its place in the log is kept.

        A letter that could not be read lies there already.
        """
        if record.topic.endswith(records.DEAD_SUFFIX):
            return
        for form in _forms(record, added):
            try:
                await self._send(records.topic_of_record(record) + records.DEAD_SUFFIX, form)
            except MessageSizeTooLargeError:
                continue
            return

    async def _send(
        self, topic: str, form: tuple[bytes | None, bytes | None, Headers], choose: Choose | None = None
    ) -> None:
        """Until Kafka takes it nothing is committed."""
        key, value, headers = form
        times = refusals = 0
        while True:
            try:
                await self.copy(topic, key=key, value=value, headers=headers, choose=choose)
            except MessageSizeTooLargeError:
                raise
            except KafkaError as error:
                refusals = self.health.refused(refusals, error)
                await self.wait(classify(error), times)
                times += 1
            else:
                self.metrics.published.labels(self.service, topic).inc()
                return

    def _count(self, record: Record, disposition: Disposition, *, retried: bool) -> None:
        topic = records.topic_of_record(record)
        self.metrics.messages.labels(self.service, topic, "retried" if retried else "dead").inc()
        if not retried:
            self.metrics.given_up(topic, disposition.action.value, disposition.reason)

    def _reason_headers(
        self, record: Record, disposition: Disposition, error: BaseException, *, group: str, tries: int
    ) -> dict[str, str]:
        earlier = records.headers_of(record)
        place = {
            "x-original-topic": record.topic,
            "x-original-partition": str(record.partition),
            "x-original-offset": str(record.offset),
        }
        return {
            **{name: earlier.get(name, value)[:HEADER_LIMIT] for name, value in place.items()},
            "x-reason": disposition.reason,
            "x-detail": redacted(disposition.detail[: 2 * DETAIL_LIMIT])
            .encode("utf-8", "replace")[:DETAIL_LIMIT]
            .decode("utf-8", "ignore"),
            "x-exception": type(error).__name__[:HEADER_LIMIT],
            "x-attempts": str(tries + records.count_in(earlier.get("x-attempts"))),
            "x-group": group,
            "x-service": self.service,
            "x-failed-at": f"{time.time():.3f}",
        }


def _retry_headers(group: str, turn: int, delay_s: float) -> dict[str, str]:
    return {
        records.RETRY_GROUP: group,
        records.RETRY_ROUND: str(turn),
        records.RETRY_DELAY_S: str(delay_s),
        records.RETRY_NOT_BEFORE: f"{time.time() + delay_s:.3f}",
    }


def _forms(record: Record, added: dict[str, str]) -> Iterator[tuple[bytes | None, bytes | None, Headers]]:
    """Key, value and headers of a letter: as it came, then with less and less of what may be too large."""
    ours = records.with_headers((), added)
    if record.key is None and record.value is None:  # a message without both cannot be published
        yield None, b"", [*records.with_headers(record.headers, added), (records.NULL_VALUE, b"1")]
    else:
        yield record.key, record.value, records.with_headers(record.headers, added)
    yield record.key, b"", [*records.with_headers(record.headers, added), (records.CUT, b"body")]
    yield record.key, b"", [*ours, (records.CUT, b"body and headers")]
    yield None, b"", [*ours, (records.CUT, b"body, headers and key")]


def _if_unknown(error: BaseException, disposition: Disposition) -> BaseException | None:
    return error if disposition.reason == "unexpected" else None
