"""The catalogue's migrations. `python -m services.curator.migrations` brings CURATOR_DATABASE up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url

from services.curator.store.database import open_engine


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


def _make_folder(database: str) -> None:
    url = make_url(database)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
