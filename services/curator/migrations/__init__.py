"""The catalogue's migrations. `python -m services.curator.migrations` brings CURATOR_DATABASE up to date."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection

from shared.database import migrating

SCRIPTS = Path(__file__).parent


def upgrade(database: str | None = None) -> None:
    """Bring a database (a DSN; the settings' own when None) to the newest revision; done again, it changes nothing."""
    if database is None:
        from services.curator.settings import CuratorSettings

        database = CuratorSettings().database
    migrating.upgrade(database, SCRIPTS)


def alembic_config(connection: Connection) -> Config:
    """What alembic needs to work on this connection."""
    return migrating.alembic_config(connection, SCRIPTS)


def revisions(database: str) -> tuple[str | None, str]:
    """The revision a database is at (None: no tables yet), and the newest. Raises DependencyDown when it is silent."""
    return migrating.revisions(database, SCRIPTS, name="catalogue")


def trouble(database: str) -> str | None:
    """Why this version cannot work on the tables that are there, in words; None when they are the newest."""
    there, newest = revisions(database)
    if there == newest:
        return None
    return f"the tables are at {there or 'nothing'}, this version wants {newest}: python -m services.curator.migrations"
