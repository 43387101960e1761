"""The numbers of the log's lines: whoever writes one holds the head until its transaction ends."""

from typing import Any

from sqlalchemy import Connection, insert, update
from sqlalchemy.orm import Session

from services.gateway.store import tables as t

HEAD: Any = t.HeadRow.__table__
HOLD = update(HEAD).where(HEAD.c.id == 1).values(sequence=HEAD.c.sequence).returning(HEAD.c.sequence)
FIRST = insert(HEAD).values(id=1, sequence=0)


def locked(here: Connection) -> int:
    """The newest number; whoever else applies an event waits until this transaction ends."""
    found = here.execute(HOLD).scalar()
    if found is None:
        here.execute(FIRST)
    return int(found or 0)


def count(session: Session, statement: Any) -> int:
    """How many rows an UPDATE or DELETE met."""
    result: Any = session.execute(statement)
    return int(result.rowcount)
