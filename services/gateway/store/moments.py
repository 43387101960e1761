"""Moments as databases give them back."""

from datetime import UTC, datetime


def in_zone(moment: datetime) -> datetime:
    """A moment out of the database; SQLite keeps no zone, and all of ours are in UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
