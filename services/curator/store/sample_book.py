"""What is written down while events come in, over SQL. Consent is decided here, under a lock of the product's row."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, case, delete, or_, select, update
from sqlalchemy.orm import Session

from services.curator.records import FIT, NEVER, Consent, Option, Review, Sample, Window
from services.curator.rules import Novelty
from services.curator.store import rows
from services.curator.store.hashing import probes, quarters
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

Id = tuple[str, str]  # of a sample: product and image


class SqlSampleBook(Database):
    """`services.curator.books.SampleBook` over a database. `novelty`: when two pictures are one."""

    def __init__(self, engine: Engine, *, page: int = 500, novelty: Novelty | None = None) -> None:
        super().__init__(engine, page=page)
        self._novelty = novelty or Novelty()

    def consent(self, product_id: str) -> Consent:
        """What the owner has said so far."""
        with self._session() as session:
            withdrawn = session.get(WithdrawnRow, product_id) is not None
            row = session.get(ConsentRow, product_id)
            return Consent(withdrawn=withdrawn, refused=NEVER if row is None else row.refused)

    def put_sample(self, sample: Sample, /) -> Sample:
        """Remember a verdict, unless a newer one of the same photo is known; a no takes every older sample along.

        What is alike is settled in a second transaction: of two workers with like pictures one sees the other's.
        """
        with self._session() as session:
            consent = self._locked(session, sample.product_id, refused=NEVER if sample.may_train else sample.revision)
            if consent.withdrawn:
                return sample
            touched = self._alike_to(session, _of_product(sample))
            if not sample.may_train:
                _refuse(session, sample.product_id, sample.revision)
            standing = sample if consent.covers(sample.revision) else sample.without_consent()
            self._put(session, SampleRow, rows.of_sample(standing), newer=SampleRow.revision <= standing.revision)
        if not standing.fit and not touched:
            return standing  # nobody is alike to it
        with self._session() as session:
            self._settle(session, touched | self._alike_to(session, _of_product(sample)) | {_id(sample)})
            row = session.get(SampleRow, _id(sample))
            return standing if row is None else rows.sample(row)

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
            freed = self._alike_to(session, SampleRow.product_id == product_id)
            for table in (SampleRow, WindowRow, ReviewRow, OptionRow):
                session.execute(delete(table).where(table.product_id == product_id))
            self._settle(session, freed)

    def _alike_to(self, session: Session, which: Any) -> set[Id]:
        """The fit samples of other products that are alike to any of these fit ones."""
        found = set[Id]()
        for row in session.scalars(select(SampleRow).where(which, SampleRow.reason.in_(FIT))).all():
            found.update(_id(other) for other in self._alike(session, rows.sample(row)))
        return found

    def _alike(self, session: Session, sample: Sample) -> list[Sample]:
        """Reads only rows that share a quarter of the hash up to one bit: all within 7 bits (Norouzi et al. 2012)."""
        alike = [SampleRow.image_sha256 == sample.image.sha256]
        if sample.phash is not None:
            parts = zip(BANDS, quarters(sample.phash), strict=True)
            alike += [getattr(SampleRow, band).in_(probes(part)) for band, part in parts]
        fit = (SampleRow.reason.in_(FIT), SampleRow.product_id != sample.product_id)
        found = [rows.sample(row) for row in session.scalars(select(SampleRow).where(*fit, or_(*alike)))]
        return [
            one for one in found
            if one.image.sha256 == sample.image.sha256
            or ((bits := sample.distance(one)) is not None and bits <= self._novelty.max_distance)
        ]  # fmt: skip

    def _settle(self, session: Session, samples: Iterable[Id]) -> None:
        """Let each fit sample stand as it does beside those like it; in one order, so that workers do not block."""
        for product_id, image_sha256 in sorted(samples):
            row = session.get(SampleRow, (product_id, image_sha256), populate_existing=True, with_for_update=True)
            if row is None or row.reason not in FIT:
                continue
            standing = (sample := rows.sample(row)).beside(self._alike(session, sample), self._novelty)
            row.reason, row.scores = standing.reason, standing.scores
        session.flush()

    def _locked(self, session: Session, product_id: str, *, refused: int = NEVER) -> Consent:
        """The consent with this no in it; nobody else writes of the product until the transaction ends."""
        new = self._insert(ConsentRow).values(product_id=product_id, refused=refused)
        larger = case((new.excluded.refused > ConsentRow.refused, new.excluded.refused), else_=ConsentRow.refused)
        raised = new.on_conflict_do_update(index_elements=["product_id"], set_={"refused": larger})
        newest = session.execute(raised.returning(ConsentRow.refused)).scalar_one()
        return Consent(withdrawn=session.get(WithdrawnRow, product_id) is not None, refused=newest)


def _id(sample: Sample) -> Id:
    return sample.product_id, sample.image.sha256


def _of_product(sample: Sample) -> Any:
    return SampleRow.product_id == sample.product_id


def _refuse(session: Session, product_id: str, revision: int) -> None:
    """The SQL of `Sample.without_consent` for all that is not newer."""
    older = (SampleRow.product_id == product_id, SampleRow.revision <= revision)
    forgotten: dict[str, Any] = {"may_train": False, "reason": "no_consent", "scores": {}, **dict.fromkeys(BANDS)}
    session.execute(update(SampleRow).where(*older).values(**forgotten))
