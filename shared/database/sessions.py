"""A database: SQLite in one process, PostgreSQL for real; its outages in our own words."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Table,
    any_,
    create_engine,
    event,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from shared.contracts.errors import DependencyDown

UNDEFINED = ("42P01", "42703")  # PostgreSQL: a table, a column
UNDEFINED_IN_SQLITE = ("no such table", "no such column", "has no column named")


def open_engine(database: str) -> Engine:
    """An engine for a DSN; nothing is connected yet.

    SQLite gets a write-ahead log, patience with other writers, and no fsync at every commit: a process that dies loses
    nothing, a power cut may lose the last moments, and never the file.
    """
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_timeout=10, connect_args={"connect_timeout": 5})
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


class Database:
    """One transaction at a time over an engine; the tables are migrated. `page`: rows that are in memory at once.

    `name` is what its reasons and messages call it, `migrate` the command that brings it to the newest revision.
    """

    name = "database"
    migrate = "migrate it"

    def __init__(self, engine: Engine, *, page: int = 500) -> None:
        self._engine = engine
        self._page = page
        self._insert = sqlite_insert if engine.dialect.name == "sqlite" else postgres_insert

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """One transaction, its rows as objects."""
        with self._outages(), Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction of statements; who needs objects opens a session over it."""
        with self._outages(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One look, its rows as tuples: a third of the time, where many ask."""
        with self._outages(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _outages(self) -> Iterator[None]:
        """A database that does not answer, or is not migrated yet, is an outage: somebody is at it."""
        try:
            yield
        except PoolTimeout as error:
            raise self._down("does not answer", error) from error
        except DBAPIError as error:
            if _is_unmigrated(error):
                words = f"the {self.name}'s tables are missing or of an older version: {self.migrate}"
                raise DependencyDown(f"{self.name}_not_ready", words) from error
            if isinstance(error, OperationalError | InterfaceError):
                raise self._down("does not answer", error) from error
            if error.connection_invalidated:
                raise self._down("went away", error) from error
            raise

    def _down(self, how: str, error: Exception) -> DependencyDown:
        return DependencyDown(f"{self.name}_down", f"the {self.name} {how}: {_first_line(error)}")

    def _put(
        self,
        session: Session,
        table: type[DeclarativeBase],
        values: Sequence[dict[str, Any]],
        *,
        newer: Callable[[Any], Any] | None = None,
    ) -> None:
        """Insert rows, or replace those with the same keys; `newer`: of the new row's columns, when it may replace."""
        if not values:
            return
        keys = [column.name for column in table.__table__.primary_key]
        new = self._into(table)
        rest = {name: getattr(new.excluded, name) for name in values[0] if name not in keys}
        where = None if newer is None else newer(new.excluded)
        session.execute(new.on_conflict_do_update(index_elements=keys, set_=rest, where=where), list(values))

    def _into(self, table: type[DeclarativeBase]) -> Any:
        """An insert past the mapper, which costs as much again as the database."""
        return self._insert(cast(Table, table.__table__))

    def _among(self, column: Any, values: Collection[Any]) -> Any:
        """Whether a column has one of these values: one parameter, however many there are."""
        if self._engine.dialect.name == "sqlite":
            listed = literal(list(values), JSON())
            return column.in_(select(func.json_each(listed).table_valued("value").c.value))
        return column == any_(literal(list(values), ARRAY(column.type)))


def _is_unmigrated(error: DBAPIError) -> bool:
    """A table or a column is not there that this version knows."""
    if getattr(error.orig, "sqlstate", None) in UNDEFINED:
        return True
    return any(words in str(error.orig) for words in UNDEFINED_IN_SQLITE)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
