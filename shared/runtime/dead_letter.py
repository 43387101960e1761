"""The one place that decides what a failure means: dead letter, another try, or waiting in place.

    Permanent, an event that does not parse   -> T.dead at once, with the reason in the headers
    Transient, anything unknown               -> a few tries in place, then T.retry with a delay, then T.dead
    NotYet                                    -> T.retry at once; when its rounds are spent, the answer it brings
    DependencyDown, Kafka does not answer     -> waits in place with growing pauses; never a dead letter

The offset is committed only after the handler succeeded or the letter is safely in T.retry or T.dead.
"""

import json
import random
import time
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass
from enum import Enum
from typing import Any

import structlog
from aiokafka.errors import KafkaError, MessageSizeTooLargeError  # type: ignore[import-untyped]
from fast_depends.exceptions import ValidationError as HandlerValidationError
from pydantic import ValidationError

from shared.contracts.errors import BackdropError, DependencyDown, NotYet, Permanent
from shared.contracts.topics import topic_of
from shared.runtime import records
from shared.runtime.health import Health
from shared.runtime.metrics import Metrics
from shared.runtime.records import Record
from shared.runtime.settings import KafkaSettings

log = structlog.get_logger(__name__)

Publish = Callable[..., Awaitable[Any]]

DETAIL_LIMIT = 1024


class Action(Enum):
    """What happens to a message whose handling failed."""

    DEAD = "dead"
    RETRY = "retry"
    LATER = "later"
    WAIT = "wait"


@dataclass(frozen=True)
class Disposition:
    """What is done with it and why: a stable snake_case word for dashboards, and words for people."""

    action: Action
    reason: str
    detail: str


def classify(error: BaseException) -> Disposition:
    """What a failure means."""
    match error:
        case DependencyDown():
            return Disposition(Action.WAIT, error.reason, error.message)
        case Permanent():
            return Disposition(Action.DEAD, error.reason, error.message)
        case HandlerValidationError() | ValidationError():
            return Disposition(Action.DEAD, "bad_event", _fields(error))
        case json.JSONDecodeError() | UnicodeDecodeError():
            return Disposition(Action.DEAD, "bad_event", f"not JSON in UTF-8: {error}")
        case MessageSizeTooLargeError():
            return Disposition(Action.DEAD, "event_too_large", "the answer is larger than a Kafka message may be")
        case KafkaError():
            return Disposition(Action.WAIT, "kafka_down", f"Kafka does not take the message: {error!r}")
        case NotYet():
            return Disposition(Action.LATER, error.reason, error.message)
        case BackdropError():
            return Disposition(Action.RETRY, error.reason, error.message)
        case _:
            return Disposition(Action.RETRY, "unexpected", f"{type(error).__name__}: {error}")


def _fields(error: HandlerValidationError | ValidationError) -> str:
    """Which fields of an event are wrong, and how."""
    cause = error.original_error if isinstance(error, HandlerValidationError) else error
    if not isinstance(cause, ValidationError):
        return str(cause)
    problems = (
        f"{'.'.join(str(part) for part in problem['loc'][1:]) or 'event'}: {problem['msg']}"
        for problem in cause.errors(include_url=False, include_input=False)
    )
    return "; ".join(problems)


class DeadLetters:
    """Writes the letters of one service, and keeps its waits."""

    def __init__(
        self, publish: Publish, *, service: str, settings: KafkaSettings, metrics: Metrics, health: Health
    ) -> None:
        self.publish = publish
        self.service = service
        self.settings = settings
        self.metrics = metrics
        self.health = health

    async def give_up(
        self, record: Record, disposition: Disposition, error: BaseException, *, group: str, tries: int
    ) -> None:
        """Put a record on T.retry when it may still succeed and has rounds left, else on T.dead, or answer it."""
        topic, headers = records.topic_of_record(record), records.headers_of(record)
        turn = records.retry_round(headers)
        delays = self.delays_s(disposition) if group else ()  # without a group nobody would hear it there
        retried = turn < len(delays)
        if isinstance(error, NotYet) and not retried:
            await self._answer(record, error)
            return
        added = self._reason_headers(record, disposition, error, group=group, tries=tries)
        if retried:
            added |= _retry_headers(group, turn + 1, delays[turn])
        await self._send(record, topic + (records.RETRY_SUFFIX if retried else records.DEAD_SUFFIX), headers | added)
        self.metrics.messages.labels(self.service, topic, "retried" if retried else "dead").inc()
        if not retried:
            self.metrics.dead.labels(self.service, topic, disposition.reason).inc()
        log.warning(
            "will be tried later" if retried else "given up: dead letter",
            reason=disposition.reason, detail=disposition.detail, tries=tries, round=turn,
            exc_info=_if_unknown(error, disposition),
        )  # fmt: skip

    def delays_s(self, disposition: Disposition) -> tuple[float, ...]:
        """The pauses on T.retry before a message is given up, in seconds; none for what would only fail again."""
        match disposition.action:
            case Action.RETRY:
                return self.settings.retry_delays_s
            case Action.LATER:
                return self.settings.not_yet_delays_s
            case _:
                return ()

    async def _answer(self, record: Record, error: NotYet) -> None:
        """Publish the answer to what never came; the record itself needs no letter then."""
        await self.publish(error.answer, topic=topic_of(error.answer).name, key=error.answer.key.encode())
        topic = records.topic_of_record(record)
        self.metrics.messages.labels(self.service, topic, "answered").inc()
        log.info("what it waited for did not come: answered", reason=error.reason, detail=error.message)

    async def wait(self, disposition: Disposition, times: int) -> None:
        """Pause before trying again, with the service marked not ready."""
        pause = min(self.settings.wait_first_s * 2.0 ** min(times, 16), self.settings.wait_cap_s)
        log.warning(
            "waits for a dependency", reason=disposition.reason, detail=disposition.detail, pause_s=round(pause, 1)
        )
        gauge = self.metrics.waiting.labels(self.service, disposition.reason)
        with self.health.waiting(disposition.reason), gauge.track_inprogress():
            await self.health.pause(pause * random.uniform(0.8, 1.0))

    async def _send(self, record: Record, topic: str, headers: dict[str, str]) -> None:
        """Publish the record as it came; until Kafka takes it nothing is committed."""
        times = 0
        while True:
            try:
                await self.publish(record.value or b"", topic=topic, key=record.key or None, headers=headers)
            except MessageSizeTooLargeError:
                record = _without_body(record)  # its envelope and place in the log still tell which one it was
            except KafkaError as error:
                await self.wait(classify(error), times)
                times += 1
            else:
                return

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
            **{name: earlier.get(name, value) for name, value in place.items()},
            "x-reason": disposition.reason,
            "x-detail": disposition.detail.encode()[:DETAIL_LIMIT].decode("utf-8", "ignore"),
            "x-exception": type(error).__name__,
            "x-attempts": str(tries + _number(earlier.get("x-attempts"))),
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


def _without_body(record: Record) -> Record:
    small = copy(record)
    object.__setattr__(small, "value", b"")
    return small


def _if_unknown(error: BaseException, disposition: Disposition) -> BaseException | None:
    return error if disposition.reason == "unexpected" else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
