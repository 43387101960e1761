"""The projection over SQLAlchemy: events in, in one transaction each; the log that pages and webhooks are told from."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from services.gateway.records import DeadLetter, LogLine, Told
from services.gateway.store import tables as t
from services.gateway.store.applying import APPLIED, stage_of
from services.gateway.store.moments import in_zone
from services.gateway.store.numbering import HEAD, count, locked
from services.gateway.store.sessions import prune_sessions
from services.gateway.store.webhook_book import enqueue, prune_deliveries
from services.gateway.tenants import tenant_of
from shared.contracts.errors import DependencyDown
from shared.contracts.events import BackgroundRequested, Event, ProductSegmented, ProductSubmitted
from shared.contracts.topics import BACKGROUND_REQUESTED, PRODUCT_SEGMENTED, PRODUCT_SUBMITTED
from shared.database.sessions import Database

LETTER = "backdrop.DeadLetter"
PER_PRODUCT = "product_id"
LOG: Any = t.LogRow.__table__
KNOWN = select(LOG.c.sequence).where(LOG.c.event_id == bindparam("event_id"))
NEW_LINE = insert(LOG)
MOVE = update(HEAD).values(sequence=bindparam("moved"))
ENDS: dict[str, type[Event]] = {  # topics whose letters are the end of a product's or a request's way
    topic.name: topic.event for topic in (PRODUCT_SUBMITTED, PRODUCT_SEGMENTED, BACKGROUND_REQUESTED)
}


class SqlWriting(Database):
    """The half of the projection that writes."""

    name = "projection"

    def apply(self, told: Told, *, since: datetime | None = None) -> bool:
        """Take one event in; whether it is a new line of the log. Raises DependencyDown.

        What the log has is in the projection, too, unless that is filled anew: then all counts, and what is older than
        `since` was told before, although the log may not have it any more.
        """
        with self._session() as session:
            if since is None and _known(session, told.event_id):
                return False  # this replica said it, or heard it before; a rebuild applies it all the same
            sequence = locked(session)
            APPLIED[type(told.event)](session, told.event, told.time)
            return self._logged(session, sequence, _line(told), since)

    def bury(self, letter: DeadLetter, *, since: datetime | None = None) -> bool:
        """Take in one message that a service gave up; as `apply`."""
        with self._session() as session:
            sequence = locked(session)
            if session.get(t.DeadLetterRow, letter.place) is None:
                session.add(t.DeadLetterRow(**_letter_columns(letter)))
            _refuse(session, letter)
            return self._logged(session, sequence, _letter_line(letter), since)

    def forget(self) -> None:
        """Empty the projection, so that the topics can fill it again. The log stays: what was told is told."""
        with self._session() as session:
            locked(session)
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
        with self._session() as session:
            return session.scalar(select(t.HeadRow.sequence)) or 0

    def lines(self, after: int, limit: int = 500) -> Sequence[LogLine]:
        """Lines of the log behind a number, in order."""
        query = select(t.LogRow).where(t.LogRow.sequence > after).order_by(t.LogRow.sequence).limit(limit)
        with self._session() as session:
            return [_read_line(row) for row in session.scalars(query)]

    def trouble(self) -> str | None:
        """What keeps the database from answering, in words; None when it does."""
        try:
            self.head()
        except DependencyDown as error:
            return error.message
        return None

    def _logged(self, session: Session, sequence: int, line: dict[str, Any], since: datetime | None) -> bool:
        if since is not None and line["told"] < since:
            return False
        session.flush()
        if _known(session, line["event_id"]):
            return False
        here = session.connection()
        here.execute(NEW_LINE, {"sequence": sequence + 1, **line})
        here.execute(MOVE, {"moved": sequence + 1})
        if line["type"] != LETTER:
            enqueue(session, self._insert, line)
        return True


def _known(session: Session, event_id: str) -> bool:
    return session.connection().execute(KNOWN, {"event_id": event_id}).first() is not None


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
        "specversion": "1.0", "id": letter.place, "source": f"backdrop/{letter.service}", "type": LETTER,
        "time": letter.failed.isoformat(), "subject": letter.key, "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
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


def _refuse(session: Session, letter: DeadLetter) -> None:
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
    APPLIED[kind](session, event, letter.failed)
    why = {"reason": letter.reason, "detail": letter.detail}
    if isinstance(event, BackgroundRequested):
        asked = session.get_one(t.BackgroundRow, (event.product_id, event.request_id))
        if asked.generated is None:
            asked.status, asked.rejection, asked.answered = "rejected", why, letter.failed
    elif isinstance(event, ProductSubmitted | ProductSegmented):
        row = session.get_one(t.ProductRow, event.product_id)
        row.refusal = {**why, "revision": event.revision}
        row.stage = stage_of(row)


def _read_line(row: t.LogRow) -> LogLine:
    return LogLine(
        sequence=row.sequence, event_id=row.event_id, type=row.type, tenant=row.tenant, product_id=row.product_id,
        told=in_zone(row.told), body=row.body,
    )  # fmt: skip
