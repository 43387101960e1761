"""What is written down while events come in, over SQL. Consent is decided here, under a lock of the product's row."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from services.curator.records import NEVER, Consent, Match, Option, Review, Sample, Window
from services.curator.store import rows
from services.curator.store.hashing import distance, probes, quarters
from services.curator.store.tables import (
    BANDS,
    ConsentRow,
    OptionRow,
    ReviewRow,
    SampleRow,
    WindowRow,
    WithdrawnRow,
)
from shared.database.sessions import Database


class SqlSampleBook(Database):
    """`services.curator.books.SampleBook` over a database."""

    def consent(self, product_id: str) -> Consent:
        """What the owner has said so far."""
        with self._session() as session:
            withdrawn = session.get(WithdrawnRow, product_id) is not None
            row = session.get(ConsentRow, product_id)
            return Consent(withdrawn=withdrawn, refused=NEVER if row is None else row.refused)

    def nearest(self, sample: Sample, /) -> Match:
        """Reads only rows that share a quarter of the hash up to one bit: all within 7 bits (Norouzi et al. 2012)."""
        others = (SampleRow.reason == "kept", SampleRow.product_id != sample.product_id)
        with self._session() as session:
            twin = select(SampleRow.product_id).where(*others, SampleRow.image_sha256 == sample.image.sha256).limit(1)
            if session.scalar(twin) is not None:
                return Match(twin=True, distance=0)
            if sample.phash is None:
                return Match()
            parts = zip(BANDS, quarters(sample.phash), strict=True)
            alike = or_(*(getattr(SampleRow, band).in_(probes(part)) for band, part in parts))
            found = session.execute(select(*(getattr(SampleRow, band) for band in BANDS)).where(*others, alike))
            near = [distance(sample.phash, rows.phash(tuple(row))) for row in found]
        return Match(distance=min((bits for bits in near if bits <= 7), default=None))

    def put_sample(self, sample: Sample, /) -> None:
        """Remember a verdict, unless a newer one of the same photo is known; a no takes every older sample along."""
        with self._session() as session:
            consent = self._locked(session, sample.product_id, refused=NEVER if sample.may_train else sample.revision)
            if consent.withdrawn:
                return
            if not sample.may_train:
                _refuse(session, sample.product_id, sample.revision)
            standing = sample if consent.covers(sample.revision) else sample.without_consent()
            self._put(session, SampleRow, rows.of_sample(standing), newer=SampleRow.revision <= standing.revision)

    def put_window(self, window: Window, /) -> None:
        """Remember a window of engagement; the same bounds again replace it."""
        with self._session() as session:
            if not self._locked(session, window.product_id).withdrawn:
                self._put(session, WindowRow, rows.of_window(window))

    def has_option(self, product_id: str, request_id: str, image_sha256: str) -> bool:
        """Whether this option of the product is remembered."""
        with self._session() as session:
            row = session.get(OptionRow, (request_id, image_sha256))
            return row is not None and row.product_id == product_id

    def put_option(self, option: Option, /) -> None:
        """Remember a painted option."""
        with self._session() as session:
            if not self._locked(session, option.product_id).withdrawn:
                self._put(session, OptionRow, rows.of_option(option))

    def put_review(self, review: Review, /) -> None:
        """Remember the votes on one output."""
        with self._session() as session:
            if not self._locked(session, review.product_id).withdrawn:
                self._put(session, ReviewRow, rows.of_review(review))

    def withdraw(self, product_id: str, reason: str, revision: int) -> None:
        """Remember the opt-out with its newest reason and forget everything else, in one transaction."""
        with self._session() as session:
            self._locked(session, product_id)
            values = {"product_id": product_id, "reason": rows.storable(reason), "revision": revision}
            values["since"] = datetime.now(UTC)
            self._put(session, WithdrawnRow, values, newer=WithdrawnRow.revision < revision)
            for table in (SampleRow, WindowRow, ReviewRow, OptionRow):
                session.execute(delete(table).where(table.product_id == product_id))

    def _locked(self, session: Session, product_id: str, *, refused: int = NEVER) -> Consent:
        """The consent with this no in it; nobody else writes of the product until the transaction ends."""
        new = self._insert(ConsentRow).values(product_id=product_id, refused=refused)
        larger = case((new.excluded.refused > ConsentRow.refused, new.excluded.refused), else_=ConsentRow.refused)
        raised = new.on_conflict_do_update(index_elements=["product_id"], set_={"refused": larger})
        newest = session.execute(raised.returning(ConsentRow.refused)).scalar_one()
        return Consent(withdrawn=session.get(WithdrawnRow, product_id) is not None, refused=newest)


def _refuse(session: Session, product_id: str, revision: int) -> None:
    """The SQL of `Sample.without_consent` for all that is not newer."""
    older = (SampleRow.product_id == product_id, SampleRow.revision <= revision)
    forgotten: dict[str, Any] = {"may_train": False, "reason": "no_consent", "scores": {}, **dict.fromkeys(BANDS)}
    session.execute(update(SampleRow).where(*older).values(**forgotten))
