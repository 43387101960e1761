"""The projection over SQLAlchemy: events in, in one transaction each; the log that pages and webhooks are told from."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, bindparam, delete, select
from sqlalchemy.orm import Session

from services.gateway.callers.tenants import tenant_of
from services.gateway.records import DeadLetter, LogLine, Told
from services.gateway.store import asked
from services.gateway.store import tables as t
from services.gateway.store.applying import APPLIED, stage_of
from services.gateway.store.numbering import HEAD, count, give_number_back, hold, take_number
from services.gateway.store.own.sessions import prune_sessions
from services.gateway.store.own.webhook_book import enqueue, prune_deliveries
from shared.contracts.errors import DependencyDown
from shared.contracts.events import BackgroundRejected, BackgroundRequested, Event, ProductSegmented, ProductSubmitted
from shared.contracts.topics import BACKGROUND_REQUESTED, PRODUCT_SEGMENTED, PRODUCT_SUBMITTED
from shared.database.sessions import Database

LETTER = "backdrop.DeadLetter"
PER_PRODUCT = "product_id"
LOG: Any = t.LogRow.__table__
SAID = select(LOG.c.told).where(LOG.c.event_id == bindparam("event_id"))
BEHIND = select(LOG).where(LOG.c.sequence > bindparam("after")).order_by(LOG.c.sequence).limit(bindparam("most"))
ENDS: dict[str, type[Event]] = {  # topics whose letters are the end of a product's or a request's way
    topic.name: topic.event for topic in (PRODUCT_SUBMITTED, PRODUCT_SEGMENTED, BACKGROUND_REQUESTED)
}


class SqlWriting(Database):
    """The half of the projection that writes: one event at a time, in a replica and among them.

    Threads of one replica wait here and not in the database, where each would hold a connection, or on SQLite sleep.
    """

    name = "projection"

    def __init__(self, engine: Engine, *, page: int = 500) -> None:
        super().__init__(engine, page=page)
        self._applying = threading.Lock()
        new = self._into(t.LogRow).on_conflict_do_nothing(index_elements=[LOG.c.event_id])
        self._new_line = new.returning(LOG.c.sequence)

    def hear(self, told: Told) -> bool:
        """Take one event in as it comes from its topic: what was said here, or heard before, costs one look."""
        return not self._heard(told.event_id, told.time) and self.apply(told)

    def apply(self, told: Told, *, since: datetime | None = None) -> bool:
        """Take one event in; whether it is a new line of the log. Raises DependencyDown.

        An event that is said again later counts again (pick, unpick, pick), and is no new line. What the log has
        is in the projection, too, unless that is filled anew: then all counts, and what is older than `since` was told
        before, although the log may not have it any more.
        """
        change = APPLIED[type(told.event)]
        return self._written(_line(told), since, lambda here: change(here, told.event, told.time))

    def bury(self, letter: DeadLetter, *, since: datetime | None = None) -> bool:
        """Take in one message that a service gave up; as `apply`, and as `hear` where it is not filled anew."""
        if since is None and self._heard(letter.place, letter.failed):
            return False
        return self._written(_letter_line(letter), since, lambda here: _bury(here, letter))

    def forget(self) -> None:
        """Empty the projection, so that the topics can fill it again. The log stays: what was told is told."""
        with self._session() as session:
            hold(session.connection())
            for table in t.PROJECTION:
                session.execute(delete(table))

    def prune(self, before: datetime) -> int:
        """Forget old lines of the log, and deliveries that are over; how many lines."""
        with self._session() as session:
            prune_deliveries(session, before)
            prune_sessions(session, before)
            return count(session, delete(t.LogRow).where(t.LogRow.told < before))

    def head(self) -> int:
        """The number of the newest line."""
        with self._reading() as looked:
            return looked.execute(select(HEAD.c.sequence)).scalar() or 0

    def lines(self, after: int, limit: int = 500) -> Sequence[LogLine]:
        """Lines of the log behind a number, in order."""
        with self._reading() as looked:
            return [LogLine(**row) for row in looked.execute(BEHIND, {"after": after, "most": limit}).mappings()]

    def trouble(self) -> str | None:
        """What keeps the database from answering, in words; None when it does."""
        try:
            self.head()
        except DependencyDown as error:
            return error.message
        return None

    def _heard(self, event_id: str, told: datetime) -> bool:
        with self._reading() as looked:
            return _known(looked, event_id, told)

    def _written(self, line: dict[str, Any], since: datetime | None, change: Callable[[Connection], None]) -> bool:
        with self._applying, self._writing() as here:
            new = self._logged(here, line, since)
            if not new and since is None and _known(here, line["event_id"], line["told"]):
                return False
            change(here)
            if new and line["type"] != LETTER:
                enqueue(here, self._insert, line)
            return new

    def _logged(self, here: Connection, line: dict[str, Any], since: datetime | None) -> bool:
        """Whether it is a new line now; whoever else writes waits until this transaction ends in any case."""
        if since is not None and line["told"] < since:
            hold(here)
            return False
        sequence = take_number(here)
        new = here.execute(self._new_line, {"sequence": sequence, **line}).first() is not None
        if not new:
            give_number_back(here)
        return new


def _known(looked: Connection, event_id: str, told: datetime) -> bool:
    """Whether the log has an event as it was said then or later; it may be forgotten at any moment."""
    last = looked.execute(SAID, {"event_id": event_id}).scalar()
    return last is not None and last >= told


def _line(told: Told) -> dict[str, Any]:
    product_id = getattr(told.event, PER_PRODUCT, None)
    return {
        "event_id": told.event_id,
        "type": told.type,
        "tenant": None if product_id is None else tenant_of(product_id),
        "product_id": product_id,
        "told": told.time,
        "body": structured(told),
    }


def structured(told: Told) -> str:
    """The event in CloudEvents' JSON format; `data` is what was published, to the byte."""
    envelope = {
        "specversion": "1.0",
        "id": told.event_id,
        "source": told.source,
        "type": told.type,
        "time": told.time.isoformat(),
        "subject": subject_of(told.event),
        "datacontenttype": "application/json",
    }
    return f'{json.dumps(envelope, ensure_ascii=False)[:-1]}, "data": {told.body}}}'


def subject_of(event: Event) -> str:
    """Whom an event speaks of: its key."""
    return event.key


def _letter_line(letter: DeadLetter) -> dict[str, Any]:
    data = letter.model_dump(mode="json", exclude={"headers", "replayed", "raw_key", "value"})
    envelope = {
        "specversion": "1.0",
        "id": letter.place,
        "source": f"backdrop/{letter.service}",
        "type": LETTER,
        "time": letter.failed.isoformat(),
        "subject": letter.key,
        "datacontenttype": "application/json",
        "data": data,
    }
    body = json.dumps(envelope, ensure_ascii=False)
    return {
        "event_id": letter.place,
        "type": LETTER,
        "tenant": None,
        "product_id": None,
        "told": letter.failed,
        "body": body,
    }


def _letter_columns(letter: DeadLetter) -> dict[str, Any]:
    columns = letter.model_dump(exclude={"replayed"})
    return {**columns, "headers": [list(header) for header in letter.headers]}


def _bury(here: Connection, letter: DeadLetter) -> None:
    with Session(here) as session:
        if session.get(t.DeadLetterRow, letter.place) is None:
            session.add(t.DeadLetterRow(**_letter_columns(letter)))
        session.flush()
    _refuse(here, letter)


def _refuse(here: Connection, letter: DeadLetter) -> None:
    """What a dead letter means for the product or the request that it was about: an answer in words.

    The letter holds the event itself, which may not have been heard yet.
    """
    kind = ENDS.get(letter.topic)
    if kind is None:
        return
    try:
        event = kind.model_validate_json(letter.value)
    except ValidationError:
        return  # it names nothing that can be answered
    APPLIED[kind](here, event, letter.failed)
    why = {"reason": letter.reason, "detail": letter.detail}
    if isinstance(event, BackgroundRequested):
        named = event.model_dump(include={"product_id", "request_id"})
        asked.rejected(here, BackgroundRejected(**named, scene=event.scene, **why), letter.failed)
    elif isinstance(event, ProductSubmitted | ProductSegmented):
        with Session(here) as session:
            row = session.get_one(t.ProductRow, event.product_id)
            row.refusal = {**why, "revision": event.revision}
            row.stage = stage_of(row)
            session.flush()
