"""Our exceptions, one tree; `shared.runtime.delivery.dispositions` alone decides what each branch means.

    BackdropError
    ├── Permanent        will fail again however often it is tried  -> dead letter at once
    │   ├── BadImage         the bytes are not a usable photo
    │   ├── BadRequest       the event asks for something that cannot be
    │   ├── NotKnown         it names a product, blob or model that does not exist
    │   └── PromiseBroken    an output failed a check we promise; announcing it would be a lie
    ├── Transient        may well pass next time                    -> a few tries, retry topic, dead letter
    │   └── NotYet           what it waits for is on its way         -> retry topic at once; in the end its own answer
    └── DependencyDown   Kafka, blobs or the database do not answer -> wait in place, never dead-lettered

An exception that is none of these is treated as Transient.
"""

from typing import Any


class BackdropError(Exception):
    """Root of the tree. `reason` is a stable snake_case word for dashboards; the message is for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        """It can travel from one process to another: as it is, not by its constructor's arguments."""
        return _travelled, (type(self), self.args, vars(self))


class Permanent(BackdropError):
    """Will fail again however often it is tried."""


class BadImage(Permanent):
    """The bytes are not a usable photo."""


class BadRequest(Permanent):
    """The event asks for something that cannot be."""


class NotKnown(Permanent):
    """It names a product, blob or model that does not exist."""


class PromiseBroken(Permanent):
    """An output failed a check we promise, such as untouched product pixels."""


class Transient(BackdropError):
    """May well pass next time."""


class NotYet(Transient):
    """What it waits for is on its way, or never comes. `answer` is the event that is published in the second case."""

    def __init__(self, reason: str, message: str, *, answer: Any) -> None:
        super().__init__(reason, message)
        self.answer = answer


class DependencyDown(BackdropError):
    """Kafka, the blob store or the database does not answer."""


def _travelled(kind: type[BackdropError], args: tuple[Any, ...], said: dict[str, Any]) -> BackdropError:
    error = kind.__new__(kind, *args)
    vars(error).update(said)
    return error
