"""Pages' sessions over SQLAlchemy: what a cookie holds is known by its hash, and forgotten when its page leaves."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.gateway.callers.keys import ApiKey
from services.gateway.callers.sessions import PageSession
from services.gateway.store.own import tables as t
from services.gateway.store.own.keys import KEYS
from services.gateway.store.rows import api_key
from shared.database.sessions import Database


def prune_sessions(session: Session, before: datetime) -> None:
    """Forget those that were over before."""
    session.execute(delete(t.SessionRow).where(t.SessionRow.until < before))


class SqlSessions(Database):
    """`services.gateway.callers.sessions.SessionBook` over a database."""

    name = "projection"

    def begin_session(self, begun: PageSession) -> None:
        """A page has come in."""
        with self._session() as session:
            session.add(t.SessionRow(hash=begun.hash, key_id=begun.key_id, until=begun.until))

    def key_in_session(self, hash: str, now: datetime) -> ApiKey | None:
        """The key that a page came in with; None once it has left, or its time is up."""
        key, row = KEYS.c, t.SessionRow
        query = select(KEYS).join(row, row.key_id == key.key_id).where(row.hash == hash, row.until > now)
        with self._reading() as looked:
            found = looked.execute(query).first()
        return None if found is None else api_key(found)

    def end_session(self, hash: str) -> None:
        """The page has left: its cookie opens nothing any more."""
        with self._session() as session:
            session.execute(delete(t.SessionRow).where(t.SessionRow.hash == hash))
