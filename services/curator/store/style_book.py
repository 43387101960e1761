"""Mined styles over SQL: the newest event of each, and whether it was announced."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from services.curator.store.tables import StyleRow
from shared.contracts.events import StyleMined
from shared.database.sessions import Database


class SqlStyleBook(Database):
    """The part of `services.curator.books.ReleaseBook` that speaks of styles."""

    def styles(self) -> dict[str, StyleMined]:
        """The newest event of each style."""
        with self._session() as session:
            return {row.style: StyleMined.model_validate(row.event) for row in session.scalars(select(StyleRow))}

    def put_styles(self, styles: Iterable[StyleMined], /) -> None:
        """Remember what is to be announced."""
        with self._session() as session:
            self._put(session, StyleRow, [_columns(style) for style in styles])

    def unannounced_styles(self) -> list[StyleMined]:
        """Styles of which nobody has heard the newest."""
        query = select(StyleRow).where(StyleRow.announced.is_(False)).order_by(StyleRow.style)
        with self._session() as session:
            return [StyleMined.model_validate(row.event) for row in session.scalars(query)]

    def mark_style_announced(self, style: StyleMined, /) -> None:
        """This revision has been announced."""
        with self._session() as session:
            row = session.get(StyleRow, style.style)
            if row is not None and row.revision == style.revision:
                row.announced = True


def _columns(style: StyleMined) -> dict[str, Any]:
    event = style.model_dump(mode="json")
    return {"style": style.style, "revision": style.revision, "event": event, "announced": False}
