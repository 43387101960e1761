"""The numbers of the log's lines: whoever writes one holds the head until its transaction ends."""

from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.orm import Session

from services.gateway.store import tables as t

HEAD: Any = t.HeadRow.__table__
ONE = HEAD.c.id == 1
FIRST = insert(HEAD).values(id=1, sequence=bindparam("first"))
HOLD = update(HEAD).where(ONE).values(sequence=HEAD.c.sequence)
TAKE = update(HEAD).where(ONE).values(sequence=HEAD.c.sequence + 1).returning(HEAD.c.sequence)
GIVE_BACK = update(HEAD).where(ONE).values(sequence=HEAD.c.sequence - 1)


def hold(here: Connection) -> None:
    """Whoever else applies an event waits until this transaction ends."""
    if not here.execute(HOLD).rowcount:
        here.execute(FIRST, {"first": 0})


def take_number(here: Connection) -> int:
    """The next number, and the hold with it."""
    found = here.execute(TAKE).scalar()
    if found is None:
        here.execute(FIRST, {"first": 1})
    return int(found or 1)


def give_number_back(here: Connection) -> None:
    """It was not used: numbers have no gaps."""
    here.execute(GIVE_BACK)


def count(session: Session, statement: Any) -> int:
    """How many rows an UPDATE or DELETE met."""
    result: Any = session.execute(statement)
    return int(result.rowcount)
