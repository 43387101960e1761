"""Bringing a database to its newest revision with alembic; each service brings its own scripts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.contracts.errors import DependencyDown
from shared.database.sessions import open_engine


def upgrade(database: str, scripts: Path) -> None:
    """Bring a database (a DSN) to the newest revision of these scripts; done again, it changes nothing."""
    _make_folder(database)
    engine = open_engine(database)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection, scripts), "head")
    engine.dispose()


def alembic_config(connection: Connection, scripts: Path) -> Config:
    """What alembic needs to work on this connection."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    return config


def revisions(database: str, scripts: Path, *, name: str) -> tuple[str | None, str]:
    """The revision a database is at (None: no tables yet), and the newest. Raises DependencyDown when it is silent."""
    engine = open_engine(database)
    try:
        with engine.connect() as connection:
            there = MigrationContext.configure(connection).get_current_revision()
            newest = ScriptDirectory.from_config(alembic_config(connection, scripts)).get_current_head()
    except (OperationalError, InterfaceError) as error:
        words = str(error).splitlines()[0]
        raise DependencyDown(f"{name}_down", f"the {name} does not answer: {words}") from error
    finally:
        engine.dispose()
    return there, str(newest)


def _make_folder(database: str) -> None:
    url = make_url(database)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
