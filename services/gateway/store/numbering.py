"""The numbers of the log's lines: whoever writes one holds the head until its transaction ends."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.gateway.store import tables as t


def locked(session: Session) -> int:
    """The newest number; whoever else applies an event waits until this transaction ends."""
    if not count(session, update(t.HeadRow).where(t.HeadRow.id == 1).values(sequence=t.HeadRow.sequence)):
        session.add(t.HeadRow(id=1, sequence=0))
        session.flush()
    return session.scalar(select(t.HeadRow.sequence)) or 0


def count(session: Session, statement: Any) -> int:
    """How many rows an UPDATE or DELETE met."""
    result: Any = session.execute(statement)
    return int(result.rowcount)
