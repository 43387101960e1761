"""The one place that decides what a failure means.

Permanent, an event that does not decode   -> T.dead at once, with the reason in the headers
Transient, anything unknown                -> a few tries in place, then T.retry with a delay, then T.dead
NotYet                                     -> T.retry at once; when its rounds are spent, the answer it brings
DependencyDown, Kafka does not answer      -> waits in place with growing pauses; never a dead letter
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aiokafka.errors import KafkaError, MessageSizeTooLargeError  # type: ignore[import-untyped]
from fast_depends.exceptions import ValidationError as HandlerValidationError
from pydantic import ValidationError

from shared.contracts.errors import BackdropError, BadRequest, DependencyDown, NotYet, Permanent


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


async def decoded(message: Any, decode: Callable[[Any], Awaitable[Any]]) -> Any:
    """The body of a message; whatever fails here is the event's fault, be it too deep, too long or no JSON at all."""
    try:
        return await decode(message)
    except Exception as error:
        raise BadRequest("bad_event", f"not JSON that can be read: {type(error).__name__}: {_words(error)}") from error


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a foreign exception may fail even at saying what it is
        return "without words"


def _fields(error: HandlerValidationError | ValidationError) -> str:
    """Which fields of an event are wrong, and how."""
    cause, outer = (error.original_error, 1) if isinstance(error, HandlerValidationError) else (error, 0)
    if not isinstance(cause, ValidationError):
        return str(cause)
    problems = (  # a handler's problems begin with the name of its argument
        f"{'.'.join(str(part) for part in problem['loc'][outer:]) or 'event'}: {problem['msg']}"
        for problem in cause.errors(include_url=False, include_input=False)
    )
    return "; ".join(problems)
