"""The catalogue's migrations. `python -m services.curator.migrations` brings CURATOR_DATABASE up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import InterfaceError, OperationalError

from services.curator.store.database import open_engine
from shared.contracts.errors import DependencyDown


def upgrade(database: str | None = None) -> None:
    """Bring a database (a DSN; the settings' own when None) to the newest revision; done again, it changes nothing."""
    if database is None:
        from services.curator.settings import CuratorSettings

        database = CuratorSettings().database
    _make_folder(database)
    engine = open_engine(database)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")
    engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """What alembic needs to work on this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def revisions(database: str) -> tuple[str | None, str]:
    """The revision a database is at (None: no tables yet), and the newest. Raises DependencyDown when it is silent."""
    engine = open_engine(database)
    try:
        with engine.connect() as connection:
            there = MigrationContext.configure(connection).get_current_revision()
            newest = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    except (OperationalError, InterfaceError) as error:
        words = str(error).splitlines()[0]
        raise DependencyDown("catalogue_down", f"the catalogue does not answer: {words}") from error
    finally:
        engine.dispose()
    return there, str(newest)


def trouble(database: str) -> str | None:
    """Why this version cannot work on the tables that are there, in words; None when they are the newest."""
    there, newest = revisions(database)
    if there == newest:
        return None
    return f"the tables are at {there or 'nothing'}, this version wants {newest}: python -m services.curator.migrations"


def _make_folder(database: str) -> None:
    url = make_url(database)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
