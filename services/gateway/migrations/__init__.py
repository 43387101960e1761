"""The gateway's migrations. `python -m services.gateway.migrations` brings GATEWAY_DATABASE up to date."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection

from shared.database import migrating

SCRIPTS = Path(__file__).parent


def upgrade(database: str | None = None) -> None:
    """Bring a database (a DSN; the settings' own when None) to the newest revision; done again, it changes nothing."""
    if database is None:
        from services.gateway.settings import GatewaySettings

        database = GatewaySettings().database
    migrating.upgrade(database, SCRIPTS)


def alembic_config(connection: Connection) -> Config:
    """What alembic needs to work on this connection."""
    return migrating.alembic_config(connection, SCRIPTS)
