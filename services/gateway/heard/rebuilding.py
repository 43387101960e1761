"""The projection filled anew from the topics: forgotten, then told everything again from offset 0."""

import logging
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import ValidationError

from services.gateway.handlers import headers_of, letter_of, replays_of, told_of
from services.gateway.records import DeadLetter, Told
from shared.contracts.topics import TOPICS

log = logging.getLogger("gateway")

EVENTS = {topic.name: topic.event for topic in TOPICS}
DEAD = {topic.dead for topic in TOPICS}
HEARD = (*EVENTS, *sorted(DEAD))
"""The topics that are read."""
EVER = datetime.min.replace(tzinfo=UTC)


class Rebuildable(Protocol):
    """The half of the projection that is filled."""

    def apply(self, told: Told, *, since: datetime) -> bool:
        """Take an event in; one that is older is told to nobody."""
        ...

    def bury(self, letter: DeadLetter, *, since: datetime) -> bool:
        """Take a dead letter in."""
        ...

    def end_replays(self, places: Collection[str], now: datetime) -> None:
        """These letters were sent on their way again."""
        ...

    def forget(self) -> None:
        """Empty it."""
        ...


def rebuild(projection: Rebuildable, records: Iterable[Any], *, since: datetime = EVER) -> int:
    """Forget, and take in these records of any of the topics; how many were taken. Letters come last.

    Pages and webhooks are told of what is new since then, and of nothing that the log has or had: it stays as it is.
    """
    projection.forget()
    return take_in(projection, records, since=since)


def take_in(projection: Rebuildable, records: Iterable[Any], *, since: datetime = EVER) -> int:
    """The same without forgetting, for what came while the first records were read."""
    letters, taken = [], 0
    for record in records:
        if record.topic in DEAD:
            letters.append(record)
        elif record.topic in EVENTS:
            taken += _applied(projection, record, since)
    for record in letters:  # they answer for events, which are to be known by then
        projection.bury(letter_of(record), since=since)
    return taken + len(letters)


def _applied(projection: Rebuildable, record: Any, since: datetime) -> bool:
    headers = headers_of(record)
    if replayed := replays_of(headers):
        projection.end_replays(replayed, datetime.now(UTC))
    try:
        event = EVENTS[record.topic].model_validate_json(record.value or b"")
    except ValidationError:
        return False  # it became a dead letter when it came
    projection.apply(told_of(event, record, headers), since=since)
    return True
