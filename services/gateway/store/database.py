"""The gateway's whole memory on one database."""

from services.gateway.store.overviews import SqlOverviews
from services.gateway.store.own.keys import SqlOwn
from services.gateway.store.own.replays import SqlReplays
from services.gateway.store.own.sessions import SqlSessions
from services.gateway.store.own.webhook_book import SqlWebhooks
from services.gateway.store.projection import SqlWriting
from services.gateway.store.reading import SqlReading


class SqlGateway(SqlWriting, SqlReading, SqlOverviews, SqlReplays, SqlOwn, SqlSessions, SqlWebhooks):
    """Projection, keys, sessions, kept answers, quotas and webhooks, over a database that has been migrated."""

    name = "projection"
    migrate = "python -m services.gateway.migrations"
