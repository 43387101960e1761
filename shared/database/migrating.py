"""Bringing a database to its newest revision with alembic; each service brings its own scripts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url

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


def _make_folder(database: str) -> None:
    url = make_url(database)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
