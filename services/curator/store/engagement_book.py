"""The pictures that people met, over SQL: kept samples and options with their windows, by the page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from services.curator.records import EngagedPicture, Option, Sample, Window
from services.curator.store import rows
from services.curator.store.tables import OptionRow, SampleRow, WindowRow, WithdrawnRow
from shared.contracts.events import in_utc
from shared.database.sessions import Database


class SqlEngagementBook(Database):
    """The part of `services.curator.books.ReleaseBook` that speaks of engagement."""

    def engaged(self) -> Iterator[EngagedPicture]:
        """Photos, then options, each ordered by key; a page is a transaction of its own."""
        yield from self._pages(self._photos)
        yield from self._pages(self._options)

    def newest_window(self) -> datetime | None:
        """When the last window of engagement ended."""
        with self._session() as session:
            newest = session.scalar(select(func.max(WindowRow.window_end)))
        return None if newest is None else in_utc(newest)

    def _pages(self, read: Any) -> Iterator[EngagedPicture]:
        last = ""
        while True:
            with self._session() as session:
                page: Sequence[EngagedPicture] = read(session, last)
            yield from page
            if len(page) < self._page:
                return
            last = page[-1].key

    def _photos(self, session: Session, last: str) -> list[EngagedPicture]:
        met = select(WindowRow.product_id).where(WindowRow.request_id == "")
        kept = (SampleRow.reason == "kept", SampleRow.product_id.not_in(select(WithdrawnRow.product_id)))
        query = select(SampleRow).where(*kept, SampleRow.key > last, SampleRow.product_id.in_(met))
        samples = [rows.sample(row) for row in session.scalars(query.order_by(SampleRow.key).limit(self._page))]
        windows = _windows(session, WindowRow.request_id == "", samples)
        return [_engaged(sample, sample, windows[sample.product_id, ""]) for sample in samples]

    def _options(self, session: Session, last: str) -> list[EngagedPicture]:
        willing = select(SampleRow.product_id).where(SampleRow.may_train)
        withdrawn = select(WithdrawnRow.product_id)
        other = aliased(OptionRow)  # the same picture painted again is one picture
        again = exists().where(other.key == OptionRow.key, other.request_id < OptionRow.request_id)
        consented = (OptionRow.product_id.in_(willing), OptionRow.product_id.not_in(withdrawn))
        query = select(OptionRow).where(OptionRow.key > last, *consented, ~again)
        options = [rows.option(row) for row in session.scalars(query.order_by(OptionRow.key).limit(self._page))]
        windows = _windows(session, WindowRow.image_sha256.in_({one.image.sha256 for one in options}), options)
        facts = _facts(session, options)
        return [_engaged(one, facts[one.product_id], windows[one.product_id, one.image.sha256]) for one in options]


def _windows(session: Session, which: Any, of: Iterable[Sample | Option]) -> dict[tuple[str, str], list[Window]]:
    """The windows of some products, by product and picture, the oldest first."""
    query = select(WindowRow).where(which, WindowRow.product_id.in_({one.product_id for one in of}))
    found = defaultdict[tuple[str, str], list[Window]](list)
    for row in session.scalars(query.order_by(WindowRow.window_start, WindowRow.window_end)):
        found[row.product_id, row.image_sha256].append(rows.window(row))
    return found


def _facts(session: Session, options: Iterable[Option]) -> dict[str, Sample]:
    """Of each product what its newest revision says."""
    query = select(SampleRow).where(SampleRow.product_id.in_({one.product_id for one in options}), SampleRow.may_train)
    newest = query.order_by(SampleRow.product_id, SampleRow.revision, SampleRow.key)
    return {row.product_id: rows.sample(row) for row in session.scalars(newest)}


def _engaged(picture: Sample | Option, facts: Sample, windows: list[Window]) -> EngagedPicture:
    return EngagedPicture(
        picture=picture,
        windows=tuple(windows),
        promoted=facts.promoted,
        product=facts.product,
        category=facts.category,
        merchant=facts.merchant,
    )
