"""The catalogue over SQLAlchemy: SQLite in one process, PostgreSQL for real. The only file that speaks SQL."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, create_engine, delete, event, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from services.curator import rows
from services.curator.engagement import Counts
from services.curator.hashing import distance, probes, quarters
from services.curator.records import Match, Release, Review, Sample, Window
from services.curator.tables import BANDS, Base, MemberRow, ReleaseRow, ReviewRow, SampleRow, WindowRow, WithdrawnRow
from shared.contracts.errors import DependencyDown

UNDEFINED_TABLE = "42P01"


def open_engine(database: str) -> Engine:
    """An engine for a DSN; nothing is connected yet. SQLite gets a write-ahead log and patience with other writers."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_timeout=10, connect_args={"connect_timeout": 5})
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")


class SqlCatalogue:
    """`services.curator.core.Catalogue` over a database that has been migrated to the newest revision."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = sqlite_insert if engine.dialect.name == "sqlite" else postgres_insert

    def trouble(self) -> str | None:
        """What keeps the database from answering, in words; None when it does."""
        try:
            self.latest("")
        except DependencyDown as error:
            return error.message
        return None

    # --- while events come in ---

    def is_withdrawn(self, product_id: str) -> bool:
        """Whether the owner has opted out, ever."""
        with self._session() as session:
            return session.get(WithdrawnRow, product_id) is not None

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
        """Remember a verdict; nothing of a product that was withdrawn meanwhile."""
        with self._session() as session:
            if session.get(WithdrawnRow, sample.product_id) is None:
                self._put(session, SampleRow, rows.of_sample(sample))

    def put_window(self, window: Window, /) -> None:
        """Remember a window of engagement; the same bounds again replace it."""
        with self._session() as session:
            if session.get(WithdrawnRow, window.product_id) is None:
                self._put(session, WindowRow, rows.of_window(window))

    def put_review(self, review: Review, /) -> None:
        """Remember the votes on one output."""
        with self._session() as session:
            if session.get(WithdrawnRow, review.product_id) is None:
                self._put(session, ReviewRow, rows.of_review(review))

    def withdraw(self, product_id: str, reason: str) -> None:
        """Remember the opt-out and forget everything else, in one transaction."""
        with self._session() as session:
            values = {"product_id": product_id, "reason": reason, "since": datetime.now(UTC)}
            session.execute(self._insert(WithdrawnRow).values(**values).on_conflict_do_nothing())
            for table in (SampleRow, WindowRow, ReviewRow):
                session.execute(delete(table).where(table.product_id == product_id))

    # --- when a dataset is released ---

    def kept(self) -> list[Sample]:
        """All kept samples, ordered by key."""
        query = select(SampleRow).where(SampleRow.reason == "kept", SampleRow.product_id.not_in(_withdrawn()))
        with self._session() as session:
            return sorted(map(rows.sample, session.scalars(query)), key=lambda sample: sample.key)

    def engagement(self) -> Mapping[str, Counts]:
        """Sums over all windows, by product."""
        row = WindowRow
        sums = func.sum(row.impressions), func.sum(row.clicks), func.sum(row.saves), func.sum(row.long_clicks)
        query = select(row.product_id, *sums).group_by(row.product_id)
        with self._session() as session:
            return {product_id: _counts(*numbers) for product_id, *numbers in session.execute(query).all()}

    def reviews(self) -> list[Review]:
        """Votes on outputs whose owner consents to training, ordered by product and image."""
        consented = select(SampleRow.product_id).where(SampleRow.may_train)
        query = select(ReviewRow).where(
            ReviewRow.product_id.in_(consented), ReviewRow.product_id.not_in(_withdrawn())
        ).order_by(ReviewRow.product_id, ReviewRow.image_sha256, ReviewRow.request_id)  # fmt: skip
        with self._session() as session:
            return [rows.review(row) for row in session.scalars(query)]

    def reasons(self) -> dict[str, int]:
        """How many samples each reason has."""
        query = select(SampleRow.reason, func.count()).group_by(SampleRow.reason).order_by(SampleRow.reason)
        with self._session() as session:
            return {reason: int(count) for reason, count in session.execute(query)}

    def latest(self, dataset: str) -> Release | None:
        """The newest release of a dataset."""
        query = select(ReleaseRow).where(ReleaseRow.dataset == dataset).order_by(ReleaseRow.sequence.desc()).limit(1)
        with self._session() as session:
            row = session.scalar(query)
            return None if row is None else rows.release(row, _members(session, row))

    def gone(self, dataset: str) -> tuple[str, ...]:
        """Withdrawn products that any version of the dataset had, sorted."""
        query = (
            select(MemberRow.product_id).distinct()
            .join(ReleaseRow, ReleaseRow.id == MemberRow.release_id)
            .where(ReleaseRow.dataset == dataset, MemberRow.product_id.in_(_withdrawn()))
        )  # fmt: skip
        with self._session() as session:
            return tuple(sorted(session.scalars(query)))

    def put_release(self, release: Release, /) -> None:
        """Remember a release; repeated, it changes nothing."""
        with self._session() as session:
            same = (ReleaseRow.dataset == release.dataset, ReleaseRow.sequence == release.sequence)
            if session.scalar(select(ReleaseRow.id).where(*same)) is not None:
                return
            row = ReleaseRow(**rows.of_release(release))
            session.add(row)
            session.flush()
            members = [{"release_id": row.id, "product_id": product_id} for product_id in sorted(release.members)]
            if members:
                session.execute(insert(MemberRow), members)

    def unannounced(self) -> list[Release]:
        """Releases nobody has heard of, oldest first."""
        query = select(ReleaseRow).where(ReleaseRow.announced.is_(False)).order_by(ReleaseRow.id)
        with self._session() as session:
            return [rows.release(row, _members(session, row)) for row in session.scalars(query)]

    def mark_announced(self, release: Release, /) -> None:
        """The release has been said."""
        same = (ReleaseRow.dataset == release.dataset, ReleaseRow.sequence == release.sequence)
        with self._session() as session:
            row = session.scalar(select(ReleaseRow).where(*same))
            if row is not None:
                row.announced = True

    def _put(self, session: Session, table: type[Base], values: dict[str, Any]) -> None:
        """Insert, or replace the row with the same key."""
        keys = [column.name for column in table.__table__.primary_key]
        rest = {name: value for name, value in values.items() if name not in keys}
        session.execute(self._insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=rest))

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """One transaction. A database that does not answer, or has no tables yet, is an outage: somebody is at it."""
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise DependencyDown("catalogue_down", f"the catalogue does not answer: {_first_line(error)}") from error
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != UNDEFINED_TABLE:
                raise
            raise DependencyDown("catalogue_not_ready", "the catalogue's tables are missing: migrate it") from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise DependencyDown("catalogue_down", f"the catalogue went away: {_first_line(error)}") from error


def _counts(impressions: int, clicks: int, saves: int, long_clicks: int) -> Counts:
    """PostgreSQL sums are decimals."""
    return Counts(impressions=int(impressions), clicks=int(clicks), saves=int(saves), long_clicks=int(long_clicks))


def _withdrawn() -> Any:
    return select(WithdrawnRow.product_id)


def _members(session: Session, row: ReleaseRow) -> frozenset[str]:
    return frozenset(session.scalars(select(MemberRow.product_id).where(MemberRow.release_id == row.id)))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
