"""The gateway's whole memory on one database."""

from services.gateway.store.own import SqlOwn
from services.gateway.store.projection import SqlWriting
from services.gateway.store.reading import SqlReading
from services.gateway.store.webhook_book import SqlWebhooks


class SqlGateway(SqlWriting, SqlReading, SqlOwn, SqlWebhooks):
    """Projection, keys, kept answers, quotas and webhooks, over a database that has been migrated."""

    name = "projection"
