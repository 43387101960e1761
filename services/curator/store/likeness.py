"""Which samples are alike, over SQL: looked up for a whole batch at once, and let stand beside each other."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from services.curator.pixels.embedding import SKETCH_DISTANCE
from services.curator.records import FIT, Sample
from services.curator.rules import Novelty
from services.curator.store import rows
from services.curator.store.hashing import joined, near, probes
from services.curator.store.tables import BANDS, SKETCH, SampleRow
from shared.database.sessions import Database

Id = tuple[str, str]  # of a sample: product and image


class SqlLikeness(Database):
    """The part of the sample book that knows look-alikes. `novelty`: when two pictures are one.

    Whether a row is fit is asked here and not in SQL, where its index would lure the planner away from the keys.
    """

    def __init__(self, engine: Engine, *, page: int = 500, novelty: Novelty | None = None) -> None:
        super().__init__(engine, page=page)
        self._novelty = novelty or Novelty()

    def _alike_to(self, session: Session, products: Collection[str]) -> set[Id]:
        """The fit samples of other products that are alike to any fit one of these products."""
        mine = session.scalars(select(SampleRow).where(self._among(SampleRow.product_id, products)))
        found = self._neighbours(session, [rows.sample(row) for row in mine if row.reason in FIT])
        return {other for others in found.values() for other in others}

    def _settle(self, session: Session, samples: Collection[Sample], touched: Collection[Id] = ()) -> dict[Id, Sample]:
        """Let these fit samples stand anew, the touched ones, and all that are alike to any of them.

        Whoever may change is locked and read again, in one order, so that workers do not block each other. Returns
        those that have neighbours, or had some.
        """
        near = self._neighbours(session, samples)
        others = {other for found in near.values() for other in found}.union(touched) - near.keys()
        near |= self._neighbours(session, self._fit_ones(session, others).values())
        restless = [one for one, found in near.items() if found or one in others or one in touched]
        known = self._fit_ones(session, {*restless, *(other for one in restless for other in near[one])}, lock=True)
        anew = {
            one: known[one].beside((known[other] for other in near[one] if other in known), self._novelty)
            for one in restless
            if one in known
        }
        self._write(session, [after for one, after in anew.items() if after != known[one]])
        return anew

    def _write(self, session: Session, changed: Iterable[Sample]) -> None:
        values = [
            {"product_id": one.product_id, "image_sha256": one.image.sha256, "reason": one.reason, "scores": one.scores}
            for one in changed
        ]
        if values:
            session.execute(update(SampleRow), values)

    def _fit_ones(self, session: Session, ids: Collection[Id], *, lock: bool = False) -> dict[Id, Sample]:
        """The fit ones of some samples as they are now."""
        if not ids:
            return {}
        products, images = {one for one, _ in ids}, {image for _, image in ids}
        query = select(SampleRow).where(
            self._among(SampleRow.product_id, products), self._among(SampleRow.image_sha256, images)
        )
        if lock:
            query = query.order_by(SampleRow.product_id, SampleRow.image_sha256).with_for_update()
        query = query.execution_options(populate_existing=True)
        found = (rows.sample(row) for row in session.scalars(query) if row.reason in FIT)
        return {id_of(one): one for one in found if id_of(one) in ids}

    def _neighbours(self, session: Session, samples: Collection[Sample]) -> dict[Id, set[Id]]:
        """Of each of these fit samples the fit ones of other products that are alike to it."""
        found: dict[Id, set[Id]] = {id_of(one): set() for one in samples}
        if not found:
            return found
        hashed = [(id_of(one), one.phash) for one in samples if one.phash is not None]
        sketched = [(id_of(one), one.embedding.sketch) for one in samples if one.embedding is not None]
        for one, other in (
            *self._twins(session, samples),
            *self._close(session, hashed, BANDS, self._novelty.max_distance),
            *self._close(session, sketched, SKETCH, SKETCH_DISTANCE),
        ):
            if one[0] != other[0]:
                found[one].add(other)
        return found

    def _twins(self, session: Session, samples: Collection[Sample]) -> list[tuple[Id, Id]]:
        """Pairs that are the same bytes."""
        images = defaultdict[str, list[Id]](list)
        mine = {one.image.sha256 for one in samples}
        for product_id, image in self._parts(session, SampleRow.image_sha256, mine, ()):
            images[image].append((product_id, image))
        return [(id_of(one), other) for one in samples for other in images[one.image.sha256]]

    def _close(
        self, session: Session, mine: list[tuple[Id, int]], columns: Sequence[str], distance: int
    ) -> list[tuple[Id, Id]]:
        """Pairs of which the 64 bits that lie in three columns are few apart."""
        if not mine:
            return []
        hashes, others = [bits for _, bits in mine], dict[Id, int]()
        for place, column in enumerate(columns):
            values = probes(hashes, place, distance)
            for product_id, image, *three in self._parts(session, getattr(SampleRow, column), values, columns):
                others[product_id, image] = joined(three)
        theirs = list(others)
        return [(mine[a][0], theirs[b]) for a, b in near(hashes, list(others.values()), distance)]

    def _parts(self, session: Session, column: Any, values: Collection[Any], names: Sequence[str]) -> list[Any]:
        """Product, image and the columns of these names, of fit samples."""
        wanted = (getattr(SampleRow, name) for name in names)
        query = select(SampleRow.product_id, SampleRow.image_sha256, *wanted, SampleRow.reason)
        return [row[:-1] for row in session.execute(query.where(self._among(column, values))) if row[-1] in FIT]


def id_of(sample: Sample) -> Id:
    """Its product and image."""
    return sample.product_id, sample.image.sha256
