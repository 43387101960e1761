"""What releasing reads and writes, over SQL. Samples and reviews are read by the page: they outgrow any memory."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, insert, select, tuple_
from sqlalchemy.orm import Session

from services.curator.key_ranges import EVERY_KEY, KeyRange
from services.curator.records import Picture, Release, Review, Sample
from services.curator.store import rows
from services.curator.store.tables import MemberRow, ReleaseRow, ReviewRow, SampleRow, WithdrawnRow
from shared.database.sessions import Database


class SqlReleaseBook(Database):
    """`services.curator.books.ReleaseBook` over a database."""

    def kept(self, keys: KeyRange = EVERY_KEY) -> Iterator[Sample]:
        """Each page is a transaction of its own, so that an opt-out takes effect while a dataset is packed."""
        within, last = select(SampleRow).where(*_is_kept()).order_by(SampleRow.key).limit(self._page), keys.after
        if keys.upto is not None:
            within = within.where(SampleRow.key <= keys.upto)
        while True:
            with self._session() as session:
                page = [rows.sample(row) for row in session.scalars(within.where(SampleRow.key > last))]
            yield from page
            if len(page) < self._page:
                return
            last = page[-1].key

    def reviews(self) -> Iterator[Review]:
        """By the page, as `kept`."""
        order, last = (ReviewRow.image_sha256, ReviewRow.request_id, ReviewRow.rater), ("", "", "")
        while True:
            query = _consented_reviews(select(ReviewRow)).where(tuple_(*order) > tuple_(*last))
            with self._session() as session:
                page = [rows.review(row) for row in session.scalars(query.order_by(*order).limit(self._page))]
            yield from page
            if len(page) < self._page:
                return
            last = page[-1].image.sha256, page[-1].request_id, page[-1].rater

    def newcomers(self, dataset: str) -> int:
        """How many products could be in the next version and are not in the newest one; counted in the database."""
        could = _consented_reviews(select(ReviewRow.product_id)) if dataset == "judge" else _kept_products()
        with self._session() as session:
            known = select(MemberRow.product_id).where(MemberRow.release_id == _newest(session, dataset))
            new = could.where(could.selected_columns[0].not_in(known)).distinct().subquery()
            return int(session.scalar(select(func.count()).select_from(new)) or 0)

    def members(self, dataset: str) -> frozenset[str]:
        """The products of the newest version."""
        with self._session() as session:
            newest = _newest(session, dataset)
            return frozenset(session.scalars(select(MemberRow.product_id).where(MemberRow.release_id == newest)))

    def pictures(self, dataset: str) -> frozenset[str]:
        """The keys of the newest version."""
        with self._session() as session:
            newest = _newest(session, dataset)
            return frozenset(session.scalars(select(MemberRow.key).where(MemberRow.release_id == newest)))

    def gone(self, dataset: str, *, newest_only: bool = False) -> tuple[str, ...]:
        """Products without consent, by now, that any version of the dataset had, or the newest one; sorted."""
        query = (
            select(MemberRow.product_id)
            .distinct()
            .join(ReleaseRow, ReleaseRow.id == MemberRow.release_id)
            .where(ReleaseRow.dataset == dataset, MemberRow.product_id.in_(_withdrawn().union(_refused())))
        )
        with self._session() as session:
            if newest_only:
                query = query.where(MemberRow.release_id == _newest(session, dataset))
            return tuple(sorted(session.scalars(query)))

    def unwilling(self, products: Collection[str]) -> frozenset[str]:
        """Those of these products that are without consent by now."""
        withdrawn = _withdrawn().where(self._among(WithdrawnRow.product_id, products))
        refused = _refused().where(self._among(SampleRow.product_id, products))
        with self._session() as session:
            return frozenset(session.scalars(withdrawn.union(refused)))

    def unwilling_photos(self, pictures: Collection[Picture], /) -> frozenset[Picture]:
        """Those of these that are photos without consent by now."""
        named = self._among(SampleRow.product_id, {product_id for product_id, _ in pictures})
        query = select(SampleRow.product_id, SampleRow.key).where(named, SampleRow.may_train.is_(False))
        with self._session() as session:
            return frozenset((row[0], row[1]) for row in session.execute(query)) & frozenset(pictures)

    def reasons(self) -> dict[str, int]:
        """How many samples each reason has."""
        query = select(SampleRow.reason, func.count()).group_by(SampleRow.reason).order_by(SampleRow.reason)
        with self._session() as session:
            return {reason: int(count) for reason, count in session.execute(query)}

    def latest(self, dataset: str) -> Release | None:
        """The newest release of a dataset."""
        with self._session() as session:
            row = session.get(ReleaseRow, _newest(session, dataset))
            return None if row is None else rows.release(row)

    def put_release(self, release: Release, members: Iterable[Picture], /) -> None:
        """Remember a release; repeated, it changes nothing."""
        with self._session() as session:
            if session.scalar(select(ReleaseRow.id).where(*_same(release))) is not None:
                return
            row = ReleaseRow(**rows.of_release(release))
            session.add(row)
            session.flush()
            named = ({"release_id": row.id, "product_id": whose, "key": key} for whose, key in members)
            while page := list(islice(named, self._page)):
                session.execute(insert(MemberRow), page)

    def unannounced(self) -> list[Release]:
        """Releases nobody has heard of, oldest first."""
        query = select(ReleaseRow).where(ReleaseRow.announced.is_(False)).order_by(ReleaseRow.id)
        with self._session() as session:
            return [rows.release(row) for row in session.scalars(query)]

    def mark_announced(self, release: Release, /) -> None:
        """The release has been announced."""
        with self._session() as session:
            row = session.scalar(select(ReleaseRow).where(*_same(release)))
            if row is not None:
                row.announced = True


def _is_kept() -> tuple[Any, ...]:
    return SampleRow.reason == "kept", SampleRow.product_id.not_in(_withdrawn())


def _kept_products() -> Select[Any]:
    return select(SampleRow.product_id).where(*_is_kept())


def _consented_reviews(query: Select[Any]) -> Select[Any]:
    consented = select(SampleRow.product_id).where(SampleRow.may_train)
    return query.where(ReviewRow.product_id.in_(consented), ReviewRow.product_id.not_in(_withdrawn()))


def _withdrawn() -> Select[Any]:
    return select(WithdrawnRow.product_id)


def _refused() -> Select[Any]:
    """Products that are known, of which no photo may be trained on."""
    willing = select(SampleRow.product_id).where(SampleRow.may_train)
    return select(SampleRow.product_id).where(SampleRow.product_id.not_in(willing))


def _newest(session: Session, dataset: str) -> int:
    """The row of the newest release; 0, which no row has, without one."""
    query = select(ReleaseRow.id).where(ReleaseRow.dataset == dataset).order_by(ReleaseRow.sequence.desc()).limit(1)
    return session.scalar(query) or 0


def _same(release: Release) -> tuple[Any, ...]:
    return ReleaseRow.dataset == release.dataset, ReleaseRow.sequence == release.sequence
