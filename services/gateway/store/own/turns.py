"""One at a time among all replicas: an advisory lock of PostgreSQL, which ends with its connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select, text

from shared.database.sessions import Database

PATIENCE = "20s"  # above the longest that an event may take to be published


class SqlTurns(Database):
    """Turns over a database. SQLite has one process, which takes turns by itself."""

    name = "projection"

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Nobody else has the turn of this name inside of the block. Raises DependencyDown when that takes too long."""
        if self._engine.dialect.name == "sqlite":
            yield
            return
        with self._session() as session:
            session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
            yield
