"""A database: SQLite in one process, PostgreSQL for real; its outages in our own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from shared.contracts.errors import DependencyDown

UNDEFINED_TABLE = "42P01"


def open_engine(database: str) -> Engine:
    """An engine for a DSN; nothing is connected yet. SQLite gets a write-ahead log and patience with other writers."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_timeout=10, connect_args={"connect_timeout": 5})
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")


class Database:
    """One transaction at a time over an engine; the tables are migrated. `page`: rows that are in memory at once.

    `name` is what its reasons and messages call it.
    """

    name = "database"

    def __init__(self, engine: Engine, *, page: int = 500) -> None:
        self._engine = engine
        self._page = page
        self._insert = sqlite_insert if engine.dialect.name == "sqlite" else postgres_insert

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """One transaction. A database that does not answer, or has no tables yet, is an outage: somebody is at it."""
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            words = f"the {self.name} does not answer: {_first_line(error)}"
            raise DependencyDown(f"{self.name}_down", words) from error
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != UNDEFINED_TABLE:
                raise
            words = f"the {self.name}'s tables are missing: migrate it"
            raise DependencyDown(f"{self.name}_not_ready", words) from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            words = f"the {self.name} went away: {_first_line(error)}"
            raise DependencyDown(f"{self.name}_down", words) from error

    def _put(
        self, session: Session, table: type[DeclarativeBase], values: dict[str, Any], *, newer: Any = None
    ) -> None:
        """Insert, or replace the row with the same key where it is older."""
        keys = [column.name for column in table.__table__.primary_key]
        rest = {name: value for name, value in values.items() if name not in keys}
        new = self._insert(table).values(**values)
        session.execute(new.on_conflict_do_update(index_elements=keys, set_=rest, where=newer))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
