"""What is written down while events come in, over SQL. Consent is decided here, under a lock of the products' rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from services.curator.records import NEVER, Consent, Known, Option, OptionId, Review, Sample, Window
from services.curator.store import rows
from services.curator.store.likeness import Id, SqlLikeness, id_of
from services.curator.store.tables import (
    BANDS,
    SKETCH,
    ConsentRow,
    OptionRow,
    ReviewRow,
    SampleRow,
    VerdictRow,
    WindowRow,
    WithdrawnRow,
)
from shared.contracts.events import SampleCurated

SEEN = (*BANDS, *SKETCH, "embedder", "embedding")


class SqlSampleBook(SqlLikeness):
    """`services.curator.books.SampleBook` over a database: a batch is a transaction or two, not each of its records."""

    def consents(self, products: Collection[str]) -> dict[str, Consent]:
        """What the owners have said so far."""
        with self._session() as session:
            return self._consents(session, products)

    def verdicts(self, known: Collection[Known]) -> dict[Known, SampleCurated]:
        """What was told before of photos of which the same was known."""
        with self._session() as session:
            return self._verdicts(session, known)

    def put_verdicts(self, told: Mapping[Known, SampleCurated], /) -> dict[Known, SampleCurated]:
        """Remember what is about to be told; what is remembered already stays."""
        with self._session() as session:
            consents = self._locked(session, {product_id: NEVER for product_id, _ in told})
            before = self._verdicts(session, told)
            values = [
                {"product_id": known[0], "known": known[1], "event": curated.model_dump(mode="json")}
                for known, curated in told.items()
                if known not in before and not consents[known[0]].withdrawn
            ]
            self._put(session, VerdictRow, values)
        return {**told, **before}

    def put_samples(self, samples: Sequence[Sample], /) -> list[Sample]:
        """Remember verdicts, unless a newer one of the same photo is known; a no takes every older sample along.

        What is alike is settled in a second transaction: of two workers with like pictures one sees the other's.
        """
        standing = dict[Id, Sample]()
        for wave in _waves(samples):
            standing |= self._put_wave(wave)
        return [standing.get(id_of(one), one) for one in samples]

    def _put_wave(self, wave: Mapping[str, Sample]) -> dict[Id, Sample]:
        """One sample of each product."""
        with self._session() as session:
            refusals = {name: NEVER if one.may_train else one.revision for name, one in wave.items()}
            consents = self._locked(session, refusals)
            mine = {name: one for name, one in wave.items() if not consents[name].withdrawn}
            touched = self._alike_to(session, mine)
            _refuse(session, [one for one in mine.values() if not one.may_train])
            standing = [
                one if consents[name].covers(one.revision) else one.without_consent()
                for name, one in sorted(mine.items())
            ]
            values = [rows.of_sample(one) for one in standing]
            self._put(session, SampleRow, values, newer=lambda new: SampleRow.revision <= new.revision)
        with self._session() as session:
            settled = self._settle(session, [one for one in standing if one.fit], touched)
        return {id_of(one): settled.get(id_of(one), one) for one in standing}

    def put_windows(self, windows: Sequence[Window], /) -> None:
        """Remember windows of engagement; the same bounds again replace them."""
        with self._session() as session:
            consents = self._locked(session, {one.product_id: NEVER for one in windows})
            mine = [rows.of_window(one) for one in windows if not consents[one.product_id].withdrawn]
            self._put(session, WindowRow, mine)

    def options(self, ids: Collection[OptionId]) -> set[OptionId]:
        """Which of these options are remembered."""
        columns = OptionRow.product_id, OptionRow.request_id, OptionRow.image_sha256
        query = select(*columns).where(self._among(OptionRow.request_id, {request for _, request, _ in ids}))
        with self._session() as session:
            return {(row[0], row[1], row[2]) for row in session.execute(query)} & set(ids)

    def put_options(self, options: Sequence[Option], /) -> None:
        """Remember painted options."""
        with self._session() as session:
            consents = self._locked(session, {one.product_id: NEVER for one in options})
            mine = [rows.of_option(one) for one in options if not consents[one.product_id].withdrawn]
            self._put(session, OptionRow, mine)

    def put_review(self, review: Review, /) -> None:
        """Remember the votes on one output."""
        with self._session() as session:
            if not self._locked(session, {review.product_id: NEVER})[review.product_id].withdrawn:
                self._put(session, ReviewRow, [rows.of_review(review)])

    def withdraw(self, product_id: str, reason: str, revision: int) -> None:
        """Remember the opt-out with its newest reason and forget everything else, in one transaction."""
        with self._session() as session:
            self._locked(session, {product_id: NEVER})
            values = {"product_id": product_id, "reason": rows.storable(reason), "revision": revision}
            values["since"] = datetime.now(UTC)
            self._put(session, WithdrawnRow, [values], newer=lambda new: WithdrawnRow.revision < new.revision)
            freed = self._alike_to(session, [product_id])
            for table in (SampleRow, WindowRow, ReviewRow, OptionRow, VerdictRow):
                session.execute(delete(table).where(table.product_id == product_id))
            self._settle(session, (), freed)

    def _verdicts(self, session: Session, known: Collection[Known]) -> dict[Known, SampleCurated]:
        query = select(VerdictRow).where(self._among(VerdictRow.product_id, {product_id for product_id, _ in known}))
        found = {(row.product_id, row.known): row.event for row in session.scalars(query)}
        return {one: SampleCurated.model_validate(event) for one, event in found.items() if one in known}

    def _locked(self, session: Session, refused: Mapping[str, int]) -> dict[str, Consent]:
        """The consents with these noes in them; nobody else writes of the products until the transaction ends."""
        new = self._into(ConsentRow)
        larger = case((new.excluded.refused > ConsentRow.refused, new.excluded.refused), else_=ConsentRow.refused)
        raised = new.on_conflict_do_update(index_elements=["product_id"], set_={"refused": larger})
        values = [{"product_id": one, "refused": revision} for one, revision in sorted(refused.items())]
        if values:
            session.execute(raised, values)
        return self._consents(session, refused)

    def _consents(self, session: Session, products: Collection[str]) -> dict[str, Consent]:
        query = select(WithdrawnRow.product_id).where(self._among(WithdrawnRow.product_id, products))
        withdrawn = set(session.scalars(query))
        columns = select(ConsentRow.product_id, ConsentRow.refused)
        said = session.execute(columns.where(self._among(ConsentRow.product_id, products)))
        refused = {row[0]: row[1] for row in said}
        return {one: Consent(withdrawn=one in withdrawn, refused=refused.get(one, NEVER)) for one in products}


def _waves(samples: Iterable[Sample]) -> list[dict[str, Sample]]:
    """Samples in the order given, a product once in each wave."""
    waves: list[dict[str, Sample]] = []
    for one in samples:
        wave = next((wave for wave in waves if one.product_id not in wave), None)
        if wave is None:
            waves.append(wave := {})
        wave[one.product_id] = one
    return waves


def _refuse(session: Session, noes: Iterable[Sample]) -> None:
    """The SQL of `Sample.without_consent` for all that is not newer."""
    forgotten: dict[str, Any] = {"may_train": False, "reason": "no_consent", "scores": {}, **dict.fromkeys(SEEN)}
    for no in noes:
        older = (SampleRow.product_id == no.product_id, SampleRow.revision <= no.revision)
        session.execute(update(SampleRow).where(*older).values(**forgotten))
