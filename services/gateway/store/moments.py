"""Moments in the database, and as it gives them back."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A moment with its zone; SQLite keeps none, and all of ours are in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """On its way out of the database."""
        return None if value is None else in_utc(value)


def in_utc(moment: datetime | str) -> datetime:
    """A moment as a driver has it: SQLite's is text."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return known if known.tzinfo is not None else known.replace(tzinfo=UTC)
