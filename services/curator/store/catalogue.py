"""The curator's memory over SQLAlchemy: both of its books on one database."""

from services.curator.store.release_book import SqlReleaseBook
from services.curator.store.sample_book import SqlSampleBook
from shared.contracts.errors import DependencyDown


class SqlCatalogue(SqlSampleBook, SqlReleaseBook):
    """`services.curator.core.Catalogue` over a database that has been migrated to the newest revision."""

    def trouble(self) -> str | None:
        """What keeps the database from answering, in words; None when it does."""
        try:
            self.latest("")
        except DependencyDown as error:
            return error.message
        return None
