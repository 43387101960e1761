"""The one place that decides what a failure means.

Permanent, an event that does not decode   -> T.dead at once, with the reason in the headers
Transient, anything unknown                -> a few tries in place, then T.retry with a delay, then T.dead
NotYet                                     -> T.retry at once; when its rounds are spent, the answer it brings
DependencyDown, Kafka does not answer      -> waits in place with growing pauses; never a dead letter
"""

from dataclasses import dataclass
from enum import Enum

from aiokafka.errors import KafkaError, MessageSizeTooLargeError  # type: ignore[import-untyped]
from pydantic import ValidationError

from shared.contracts.errors import BackdropError, DependencyDown, NotYet, Permanent


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
        case ValidationError():
            return Disposition(Action.DEAD, "bad_event", _fields(error))
        case MessageSizeTooLargeError():
            return Disposition(Action.DEAD, "event_too_large", "the answer is larger than a Kafka message may be")
        case KafkaError():
            return Disposition(Action.WAIT, "kafka_down", f"Kafka does not take the message: {error!r}")
        case NotYet():
            return Disposition(Action.LATER, error.reason, error.message)
        case BackdropError():
            return Disposition(Action.RETRY, error.reason, error.message)
        case _:
            return Disposition(Action.RETRY, "unexpected", f"{type(error).__name__}: {_words(error)}")


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a foreign exception may fail even at saying what it is
        return "without words"


def _fields(error: ValidationError) -> str:
    """Which fields of an event are wrong, and how."""
    problems = (
        f"{'.'.join(str(part) for part in problem['loc']) or 'event'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )
    return "; ".join(problems)
