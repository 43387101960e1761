"""The half of the projection that answers brands: products, backgrounds, picks and totals."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select, tuple_

from services.gateway import records as r
from services.gateway.store import rows
from services.gateway.store import tables as t
from services.gateway.store.pages import page, paged, pairs
from shared.database.sessions import Database

Where = ColumnElement[bool]
_PRODUCT, _BACKGROUND = t.ProductRow, t.BackgroundRow
# topics come in any order, and old events go: of a product that was withdrawn nothing else may have been heard
SPOKEN_OF: Where = or_(*(stage.is_not(None) for stage in (_PRODUCT.submitted, _PRODUCT.segmented, _PRODUCT.captioned)))
ONE_PRODUCT = select(*rows.PRODUCT).where(
    _PRODUCT.product_id == bindparam("product_id"), _PRODUCT.tenant == bindparam("tenant"), SPOKEN_OF
)
ONE_BACKGROUND = select(*rows.BACKGROUND).where(
    _BACKGROUND.product_id == bindparam("product_id"), _BACKGROUND.request_id == bindparam("request_id")
)


def _sums(row: Any, names: Sequence[str]) -> Any:
    """By option of these requests of a product: all windows, or all raters."""
    option = (row.request_id, row.image_sha256)
    of_these = row.request_id.in_(bindparam("request_ids", expanding=True))
    sums = select(*option, *(func.sum(getattr(row, name)) for name in names))
    return sums.where(row.product_id == bindparam("product_id"), of_these).group_by(*option)


MET, VOTED = ("impressions", "clicks", "saves", "long_clicks"), ("raters", "product_defects", "background_defects")
SUMS = ((_sums(t.EngagementRow, MET), MET), (_sums(t.VoteRow, VOTED), VOTED))


class SqlReading(Database):
    """Questions to the projection. Lists go from the newest to the oldest. All raise DependencyDown in an outage."""

    name = "projection"

    def product(self, tenant: str, product_id: str) -> r.Product | None:
        """A product of this tenant; None for another's as for one that does not exist."""
        with self._reading() as looked:
            row = looked.execute(ONE_PRODUCT, {"tenant": tenant, "product_id": product_id}).first()
            return None if row is None else rows.product(row)

    def products(self, tenant: str, *, limit: int, cursor: str | None, stage: str | None, title: str | None) -> r.Page:
        """Products of a tenant; `title`: words that it contains."""
        query = _listing(tenant, limit, cursor, stage, title)
        with self._reading() as looked:
            items = [rows.product(row) for row in looked.execute(query).all()]
        return paged(items, limit, lambda one: (one.created, one.product_id))

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
        query = page(some, limit, cursor, row.requested, row.request_id)
        with self._reading() as looked:
            found = looked.execute(query).all()
            tallies = _tallies(looked, product_id, [one.request_id for one in found])
            items = [rows.background(one, tallies) for one in found]
        return paged(items, limit, lambda one: (one.requested, one.request_id))

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
        answers = some.where(known, exists().where(*saved)).order_by(*place).limit(limit).subquery()
        query = (
            select(*rows.BACKGROUND, met.image_sha256)
            .join(answers, (answers.c.product_id == row.product_id) & (answers.c.request_id == row.request_id))
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
            return pairs(session, products), pairs(session, backgrounds)


@lru_cache(maxsize=256)
def _listing(tenant: str, limit: int, cursor: str | None, stage: str | None, title: str | None) -> Any:
    """The question for a page of products: pages that ask the same need not build it anew."""
    where: list[Where] = [_PRODUCT.tenant == tenant, SPOKEN_OF]
    if stage is not None:
        where.append(_PRODUCT.stage == stage)
    if title:
        where.append(_PRODUCT.title.icontains(title, autoescape=True))
    return page(select(*rows.PRODUCT).where(*where), limit, cursor, _PRODUCT.created, _PRODUCT.product_id)


def _products(looked: Connection, product_ids: Collection[str]) -> dict[str, r.Product]:
    query = select(*rows.PRODUCT).where(t.ProductRow.product_id.in_(product_ids))
    return {row.product_id: rows.product(row) for row in looked.execute(query)}


def _tallies(looked: Connection, product_id: str, request_ids: Sequence[str]) -> rows.Tallies:
    which = {"product_id": product_id, "request_ids": request_ids}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for sums, names in SUMS:
        for request_id, image, *counts in looked.execute(sums, which):
            found.setdefault((request_id, image), {}).update(zip(names, map(int, counts), strict=True))
    return {place: r.Tally(**counts) for place, counts in found.items()}
