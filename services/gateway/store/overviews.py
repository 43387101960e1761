"""The half of the projection that answers operators and curators: dead letters, verdicts, datasets, models, styles."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from services.gateway import records as r
from services.gateway.store import rows
from services.gateway.store import tables as t
from services.gateway.store.own import tables as own
from services.gateway.store.pages import page, paged, pairs
from shared.database.sessions import Database

SENT: ColumnElement[bool] = exists().where(own.ReplayRow.place == t.DeadLetterRow.place, own.ReplayRow.done)


class SqlOverviews(Database):
    """Questions of operators and curators. Lists go from the newest to the oldest. All raise DependencyDown."""

    name = "projection"

    def dead_letters(self, *, limit: int, cursor: str | None) -> r.Page:
        """Messages that were given up."""
        row = t.DeadLetterRow
        query = page(select(row, SENT), limit, cursor, row.failed, row.place)
        with self._session() as session:
            items = [rows.letter(one, sent) for one, sent in session.execute(query)]
        return paged(items, limit, lambda one: (one.failed, one.place))

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
            return pairs(session, query)

    def verdicts(
        self, tenant: str, *, limit: int, cursor: str | None, verdict: str | None, reason: str | None
    ) -> r.Page:
        """What the curator decided."""
        row = t.SampleRow
        query = select(row).where(row.tenant == tenant)
        query = query if verdict is None else query.where(row.verdict == verdict)
        query = query if reason is None else query.where(row.reason == reason)
        with self._session() as session:
            found = list(session.scalars(page(query, limit, cursor, row.told, row.product_id, row.image_sha256)))
            images = _images(session, [one.product_id for one in found])
            items = [rows.verdict(one, images.get(one.product_id)) for one in found]
        return paged(items, limit, lambda one: (one.told, one.product_id, one.image_sha256))

    def reasons(self, tenant: str) -> dict[str, int]:
        """How many verdicts have each reason."""
        query = select(t.SampleRow.reason, func.count()).where(t.SampleRow.tenant == tenant)
        with self._session() as session:
            return pairs(session, query.group_by(t.SampleRow.reason))

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


def _images(session: Session, product_ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    row = t.ProductRow
    query = select(row.product_id, row.segmented, row.captioned).where(row.product_id.in_(product_ids))
    found = {}
    for product_id, *said in session.execute(query):
        newest = max((one for one in said if one is not None), key=lambda one: one["revision"], default=None)
        if newest is not None:
            found[product_id] = newest["image"]
    return found
