"""Pages of lists: from the newest on, behind a cursor; and counts by name."""

from typing import Any

from sqlalchemy import tuple_
from sqlalchemy.orm import Session

from services.gateway import records as r
from services.gateway.shapes.paging import read_cursor, write_cursor


def page(query: Any, limit: int, cursor: str | None, moment: Any, *names: Any) -> Any:
    """From the newest on, behind the cursor, with one more than is shown: it tells whether there is a next page."""
    if cursor is not None:
        when, last = read_cursor(cursor, len(names))
        query = query.where(tuple_(moment, *names) < tuple_(when, *last))
    return query.order_by(moment.desc(), *(name.desc() for name in names)).limit(limit + 1)


def paged(items: list[Any], limit: int, place: Any) -> r.Page:
    """What is shown of them; `place`: moment and names of an item, for the cursor."""
    shown = items[:limit]
    more = len(items) > limit and bool(shown)
    return r.Page(items=tuple(shown), next_cursor=write_cursor(*place(shown[-1])) if more else None)


def pairs(session: Session, query: Any) -> dict[str, int]:
    """Counts by name."""
    return {str(name): int(count) for name, count in session.execute(query)}
