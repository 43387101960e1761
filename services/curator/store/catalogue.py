"""The curator's memory over SQLAlchemy: all of its books on one database."""

from services.curator.store.engagement_book import SqlEngagementBook
from services.curator.store.release_book import SqlReleaseBook
from services.curator.store.sample_book import SqlSampleBook
from services.curator.store.style_book import SqlStyleBook
from shared.contracts.errors import DependencyDown


class SqlCatalogue(SqlSampleBook, SqlReleaseBook, SqlEngagementBook, SqlStyleBook):
    """`services.curator.books.Catalogue` over a database that has been migrated to the newest revision."""

    name = "catalogue"
    migrate = "python -m services.curator.migrations"

    def trouble(self) -> str | None:
        """What keeps the database from answering, in words; None when it does."""
        try:
            self.latest("")
        except DependencyDown as error:
            return error.message
        return None
