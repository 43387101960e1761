"""Engines and transactions: nothing is connected before it is needed, and an outage is said in our own words."""

from pathlib import Path

import pytest
from psycopg.errors import UndefinedColumn, UndefinedTable
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from services.curator.migrations import upgrade
from services.curator.store.catalogue import SqlCatalogue
from shared.contracts.errors import DependencyDown
from shared.database.sessions import open_engine


def test_sqlite_gets_a_write_ahead_log_and_holds_to_foreign_keys(tmp_path: Path) -> None:
    with open_engine(f"sqlite:///{tmp_path / 'a.sqlite'}").connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_server_is_not_asked_before_it_is_needed() -> None:
    engine = open_engine("postgresql+psycopg://nobody:nothing@127.0.0.1:9/none")
    trouble = SqlCatalogue(engine).trouble()
    assert trouble is not None and trouble.startswith("the catalogue does not answer: ")


def test_a_database_in_order_is_no_trouble_and_one_without_tables_is(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'deep' / 'a.sqlite'}"
    with pytest.raises(DependencyDown):
        SqlCatalogue(open_engine("sqlite://")).latest("product")
    upgrade(database)
    assert SqlCatalogue(open_engine(database)).trouble() is None


def test_tables_of_an_older_version_are_waited_for_with_the_command_that_brings_them(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'a.sqlite'}"
    upgrade(database)
    catalogue = SqlCatalogue(open_engine(database))
    with catalogue._writing() as connection:
        connection.execute(text("ALTER TABLE consents RENAME COLUMN refused TO denied"))
    with pytest.raises(DependencyDown, match=r"older version: python -m services\.curator\.migrations") as told:
        catalogue.consents(["a"])
    assert told.value.reason == "catalogue_not_ready"


@pytest.mark.parametrize("missing", [UndefinedTable("no samples"), UndefinedColumn("no likeness")])
def test_what_a_server_misses_is_brought_by_a_migration_too(missing: Exception) -> None:
    catalogue = SqlCatalogue(open_engine("sqlite://"))
    with pytest.raises(DependencyDown) as told, catalogue._outages():
        raise ProgrammingError("SELECT", {}, missing)
    assert told.value.reason == "catalogue_not_ready"


def test_a_mistake_of_ours_is_no_outage_and_leaves_nothing_behind(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'a.sqlite'}"
    upgrade(database)
    catalogue = SqlCatalogue(open_engine(database))
    with pytest.raises(IntegrityError), catalogue._session() as session:
        session.execute(text("INSERT INTO consents VALUES ('a', 1)"))
        session.execute(text("INSERT INTO consents VALUES ('a', 2)"))
    assert catalogue.consents(["a"])["a"].refused == -1
