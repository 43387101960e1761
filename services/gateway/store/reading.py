"""The half of the projection that answers: products, backgrounds, and what operators and curators look at."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.gateway import records as r
from services.gateway.shapes.paging import read_cursor, write_cursor
from services.gateway.store import own_tables as own
from services.gateway.store import rows
from services.gateway.store import tables as t
from shared.database.sessions import Database

Where = ColumnElement[bool]
_PRODUCT, _BACKGROUND, _MET, _VOTED = t.ProductRow, t.BackgroundRow, t.EngagementRow, t.VoteRow
# topics come in any order, and old events go: of a product that was withdrawn nothing else may have been heard
SPOKEN_OF: Where = or_(*(stage.is_not(None) for stage in (_PRODUCT.submitted, _PRODUCT.segmented, _PRODUCT.captioned)))
ONE_PRODUCT = select(*rows.PRODUCT).where(
    _PRODUCT.product_id == bindparam("product_id"), _PRODUCT.tenant == bindparam("tenant"), SPOKEN_OF
)
ONE_BACKGROUND = select(*rows.BACKGROUND).where(
    _BACKGROUND.product_id == bindparam("product_id"), _BACKGROUND.request_id == bindparam("request_id")
)
COUNTS = (
    select(_BACKGROUND.product_id, _BACKGROUND.status, func.count())
    .where(_BACKGROUND.product_id.in_(bindparam("product_ids", expanding=True)))
    .group_by(_BACKGROUND.product_id, _BACKGROUND.status)
)
SUMS = (
    select(
        _MET.request_id,
        _MET.image_sha256,
        *map(func.sum, (_MET.impressions, _MET.clicks, _MET.saves, _MET.long_clicks)),
    )
    .where(_MET.product_id == bindparam("product_id"), _MET.request_id.in_(bindparam("request_ids", expanding=True)))
    .group_by(_MET.request_id, _MET.image_sha256)
)
VOTES = select(
    _VOTED.request_id, _VOTED.image_sha256, _VOTED.raters, _VOTED.product_defects, _VOTED.background_defects
).where(_VOTED.product_id == bindparam("product_id"), _VOTED.request_id.in_(bindparam("request_ids", expanding=True)))
SENT: Where = exists().where(own.ReplayRow.place == t.DeadLetterRow.place, own.ReplayRow.done)


class SqlReading(Database):
    """Questions to the projection. Lists go from the newest to the oldest. All raise DependencyDown in an outage."""

    name = "projection"

    def product(self, tenant: str, product_id: str) -> r.Product | None:
        """A product of this tenant; None for another's as for one that does not exist."""
        with self._reading() as looked:
            row = looked.execute(ONE_PRODUCT, {"tenant": tenant, "product_id": product_id}).first()
            if row is None:
                return None
            return rows.product(row, _counts(looked, [product_id]).get(product_id, {}))

    def products(self, tenant: str, *, limit: int, cursor: str | None, stage: str | None, title: str | None) -> r.Page:
        """Products of a tenant; `title`: words that it contains."""
        where: list[Where] = [t.ProductRow.tenant == tenant, SPOKEN_OF]
        if stage is not None:
            where.append(t.ProductRow.stage == stage)
        if title:
            where.append(t.ProductRow.title.icontains(title, autoescape=True))
        some = select(*rows.PRODUCT).where(*where)
        query = _page(some, limit, cursor, t.ProductRow.created, t.ProductRow.product_id)
        with self._reading() as looked:
            found = looked.execute(query).all()
            counts = _counts(looked, [row.product_id for row in found])
            items = [rows.product(row, counts.get(row.product_id, {})) for row in found]
        return _paged(items, limit, lambda one: (one.created, one.product_id))

    def stages(self, tenant: str, product_ids: Sequence[str]) -> dict[str, str]:
        """How far each of these products of a tenant has come."""
        query = select(t.ProductRow.product_id, t.ProductRow.stage).where(
            t.ProductRow.tenant == tenant, t.ProductRow.product_id.in_(product_ids)
        )
        with self._session() as session:
            return {one.product_id: one.stage for one in session.execute(query)}

    def background(self, product_id: str, request_id: str) -> r.Background | None:
        """One request and its answer."""
        with self._reading() as looked:
            row = looked.execute(ONE_BACKGROUND, {"product_id": product_id, "request_id": request_id}).first()
            if row is None:
                return None
            return rows.background(row, _tallies(looked, product_id, [request_id]) if row.generated else {})

    def backgrounds(self, product_id: str, *, limit: int, cursor: str | None) -> r.Page:
        """All requests of a product."""
        row = t.BackgroundRow
        some = select(*rows.BACKGROUND).where(row.product_id == product_id)
        query = _page(some, limit, cursor, row.requested, row.request_id)
        with self._reading() as looked:
            found = looked.execute(query).all()
            tallies = _tallies(looked, product_id, [one.request_id for one in found])
            items = [rows.background(one, tallies) for one in found]
        return _paged(items, limit, lambda one: (one.requested, one.request_id))

    def picked(
        self, tenant: str, product_ids: Sequence[str] = (), *, after: r.Background | None = None, limit: int = 200
    ) -> list[tuple[r.Product, r.Background]]:
        """Answers of which somebody picked an option, by product and then by time; their tallies name the picks."""
        row, met = t.BackgroundRow, t.EngagementRow
        saved = (met.product_id == row.product_id, met.request_id == row.request_id, met.saves > 0)
        known = exists().where(_PRODUCT.product_id == row.product_id, SPOKEN_OF)
        place = (row.product_id, row.requested, row.request_id)
        some = select(row.product_id, row.request_id).where(row.tenant == tenant, row.status == "generated")
        if product_ids:
            some = some.where(row.product_id.in_(product_ids))
        if after is not None:
            some = some.where(tuple_(*place) > tuple_(after.product_id, after.requested, after.request_id))
        page = some.where(known, exists().where(*saved)).order_by(*place).limit(limit).subquery()
        query = (
            select(*rows.BACKGROUND, met.image_sha256)
            .join(page, (page.c.product_id == row.product_id) & (page.c.request_id == row.request_id))
            .join(met, and_(*saved))
            .order_by(*place)
        )
        found: dict[tuple[str, str], tuple[Any, rows.Tallies]] = {}
        with self._reading() as looked:
            for one in looked.execute(query):
                _, picks = found.setdefault((one.product_id, one.request_id), (one, {}))
                picks[one.request_id, one.image_sha256] = r.Tally(saves=1)
            products = _products(looked, {product_id for product_id, _ in found})
        return [(products[one.product_id], rows.background(one, picks)) for one, picks in found.values()]

    def totals(self, tenant: str | None = None) -> tuple[dict[str, int], dict[str, int]]:
        """How many products are at each stage, and how many requests have each status."""
        products = select(t.ProductRow.stage, func.count()).group_by(t.ProductRow.stage)
        backgrounds = select(t.BackgroundRow.status, func.count()).group_by(t.BackgroundRow.status)
        if tenant is not None:
            products = products.where(t.ProductRow.tenant == tenant)
            backgrounds = backgrounds.where(t.BackgroundRow.tenant == tenant)
        with self._session() as session:
            return _pairs(session, products), _pairs(session, backgrounds)

    def dead_letters(self, *, limit: int, cursor: str | None) -> r.Page:
        """Messages that were given up."""
        row = t.DeadLetterRow
        query = _page(select(row, SENT), limit, cursor, row.failed, row.place)
        with self._session() as session:
            items = [rows.letter(one, sent) for one, sent in session.execute(query)]
        return _paged(items, limit, lambda one: (one.failed, one.place))

    def dead_letter(self, place: str) -> r.DeadLetter | None:
        """One of them."""
        with self._session() as session:
            found = session.execute(select(t.DeadLetterRow, SENT).where(t.DeadLetterRow.place == place)).first()
            return None if found is None else rows.letter(*found)

    def dead_totals(self) -> dict[str, int]:
        """Letters by topic that were not sent on their way again."""
        row = t.DeadLetterRow
        query = select(row.topic, func.count()).where(~SENT).group_by(row.topic)
        with self._session() as session:
            return _pairs(session, query)

    def verdicts(
        self, tenant: str, *, limit: int, cursor: str | None, verdict: str | None, reason: str | None
    ) -> r.Page:
        """What the curator decided."""
        row = t.SampleRow
        query = select(row).where(row.tenant == tenant)
        query = query if verdict is None else query.where(row.verdict == verdict)
        query = query if reason is None else query.where(row.reason == reason)
        with self._session() as session:
            found = list(session.scalars(_page(query, limit, cursor, row.told, row.product_id, row.image_sha256)))
            images = _images(session, [one.product_id for one in found])
            items = [rows.verdict(one, images.get(one.product_id)) for one in found]
        return _paged(items, limit, lambda one: (one.told, one.product_id, one.image_sha256))

    def reasons(self, tenant: str) -> dict[str, int]:
        """How many verdicts have each reason."""
        query = select(t.SampleRow.reason, func.count()).where(t.SampleRow.tenant == tenant)
        with self._session() as session:
            return _pairs(session, query.group_by(t.SampleRow.reason))

    def datasets(self) -> list[r.Dataset]:
        """All versions."""
        query = select(t.DatasetRow).order_by(t.DatasetRow.told.desc(), t.DatasetRow.dataset, t.DatasetRow.version)
        with self._session() as session:
            return [rows.dataset(row) for row in session.scalars(query)]

    def revisions(self) -> list[r.ModelRevision]:
        """All revisions of all models."""
        query = select(t.RevisionRow).order_by(
            t.RevisionRow.told.desc(), t.RevisionRow.sequence.desc(), t.RevisionRow.model, t.RevisionRow.revision
        )
        with self._session() as session:
            return rows.revisions(list(session.scalars(query)))

    def trainings(self) -> list[r.Training]:
        """All training jobs."""
        query = select(t.TrainingRow).order_by(t.TrainingRow.told.desc(), t.TrainingRow.job_id)
        with self._session() as session:
            return [rows.training(row) for row in session.scalars(query)]

    def mined_styles(self) -> list[dict[str, Any]]:
        """The newest word about each mined style, as JSON."""
        with self._session() as session:
            return [row.event for row in session.scalars(select(t.StyleRow).order_by(t.StyleRow.style))]


def _page(query: Any, limit: int, cursor: str | None, moment: Any, *names: Any) -> Any:
    """From the newest on, behind the cursor, with one more than is shown: it tells whether there is a next page."""
    if cursor is not None:
        when, last = read_cursor(cursor, len(names))
        query = query.where(tuple_(moment, *names) < tuple_(when, *last))
    return query.order_by(moment.desc(), *(name.desc() for name in names)).limit(limit + 1)


def _paged(items: list[Any], limit: int, place: Any) -> r.Page:
    shown = items[:limit]
    more = len(items) > limit and bool(shown)
    return r.Page(items=tuple(shown), next_cursor=write_cursor(*place(shown[-1])) if more else None)


def _pairs(session: Session, query: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in session.execute(query)}


def _products(looked: Connection, product_ids: Collection[str]) -> dict[str, r.Product]:
    query = select(*rows.PRODUCT).where(t.ProductRow.product_id.in_(product_ids))
    return {row.product_id: rows.product(row, {}) for row in looked.execute(query)}


def _counts(looked: Connection, product_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for product_id, status, count in looked.execute(COUNTS, {"product_ids": product_ids}):
        found.setdefault(product_id, {})[status] = count
    return found


def _images(session: Session, product_ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    row = t.ProductRow
    query = select(row.product_id, row.segmented, row.captioned).where(row.product_id.in_(product_ids))
    found = {}
    for product_id, *said in session.execute(query):
        newest = max((one for one in said if one is not None), key=lambda one: one["revision"], default=None)
        if newest is not None:
            found[product_id] = newest["image"]
    return found


def _tallies(looked: Connection, product_id: str, request_ids: Sequence[str]) -> rows.Tallies:
    which = {"product_id": product_id, "request_ids": request_ids}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for request_id, image, *counts in looked.execute(SUMS, which):
        names = ("impressions", "clicks", "saves", "long_clicks")
        found[request_id, image] = dict(zip(names, map(int, counts), strict=True))
    for row in looked.execute(VOTES, which):
        tally = found.setdefault((row.request_id, row.image_sha256), {})
        tally |= {
            "raters": row.raters,
            "product_defects": row.product_defects,
            "background_defects": row.background_defects,
        }
    return {place: r.Tally(**counts) for place, counts in found.items()}
