"""The projection filled anew from the topics: forgotten, then told everything again from offset 0."""

import logging
from collections.abc import Iterable
from typing import Any, Protocol

from pydantic import ValidationError

from services.gateway.handlers import letter_of, told_of
from services.gateway.records import DeadLetter, Told
from shared.contracts.topics import TOPICS

log = logging.getLogger("gateway")

EVENTS = {topic.name: topic.event for topic in TOPICS}
DEAD = {topic.dead for topic in TOPICS}
HEARD = (*EVENTS, *sorted(DEAD))
"""The topics that are read."""


class Rebuilt(Protocol):
    """The half of the projection that is filled."""

    def apply(self, told: Told) -> bool:
        """Take an event in."""
        ...

    def bury(self, letter: DeadLetter) -> bool:
        """Take a dead letter in."""
        ...

    def forget(self) -> None:
        """Empty it."""
        ...


def rebuild(projection: Rebuilt, records: Iterable[Any]) -> int:
    """Forget, and take in these records of any of the topics; how many were taken. Letters come last."""
    projection.forget()
    letters, taken = [], 0
    for record in records:
        if record.topic in DEAD:
            letters.append(record)
        elif record.topic in EVENTS:
            taken += _applied(projection, record)
    for record in letters:  # they answer for events, which are to be known by then
        taken += projection.bury(letter_of(record))
    return taken


def _applied(projection: Rebuilt, record: Any) -> bool:
    try:
        event = EVENTS[record.topic].model_validate_json(record.value or b"")
    except ValidationError:
        return False  # it became a dead letter when it came
    return projection.apply(told_of(event, record))
