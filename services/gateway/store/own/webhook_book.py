"""Webhooks and their deliveries over SQLAlchemy; an event is put on its way in the transaction that logs it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from services.gateway.callers.tenants import DEFAULT
from services.gateway.store.numbering import count, hold
from services.gateway.store.own import tables as t
from services.gateway.webhooks.book import SHARE, Delivery, Webhook
from shared.database.sessions import Database

WANTED = select(t.WebhookRow.webhook_id, t.WebhookRow.types, t.WebhookRow.created).where(
    t.WebhookRow.tenant == bindparam("tenant"), t.WebhookRow.active
)


def enqueue(here: Connection, insert: Any, line: dict[str, Any]) -> None:
    """Put a new line of the log on its way to every webhook that wants it; what is about no product is `default`'s."""
    for webhook in here.execute(WANTED, {"tenant": line["tenant"] or DEFAULT}):
        if webhook.created <= line["told"] and (not webhook.types or line["type"] in webhook.types):
            values = {
                "webhook_id": webhook.webhook_id,
                "event_id": line["event_id"],
                "type": line["type"],
                "body": line["body"],
                "status": "waiting",
                "attempts": 0,
                "due": line["told"],
                "told": line["told"],
                "answer": "",
            }
            here.execute(insert(t.DeliveryRow).values(**values).on_conflict_do_nothing())


def prune_deliveries(session: Session, before: datetime) -> None:
    """Forget what was delivered or given up before."""
    row = t.DeliveryRow
    session.execute(delete(row).where(row.told < before, row.status != "waiting"))


class SqlWebhooks(Database):
    """`services.gateway.webhooks.book.WebhookBook` over a database."""

    name = "projection"

    def add_webhook(self, webhook: Webhook, most: int) -> bool:
        """Remember a new one; False where its tenant has as many already."""
        row = t.WebhookRow
        others = select(func.count()).where(row.tenant == webhook.tenant, row.webhook_id != webhook.webhook_id)
        with self._session() as session:
            hold(session.connection())
            if (session.scalar(others) or 0) >= most:
                return False
            session.merge(row(**webhook.model_dump(exclude={"types"}), types=list(webhook.types)))
            return True

    def change_webhook(self, webhook_id: str, changes: Mapping[str, Any]) -> Webhook | None:
        """What is different is written, and nothing else; the webhook afterwards, None when it was removed."""
        row = t.WebhookRow
        values = {name: list(value) if name == "types" else value for name, value in changes.items()}
        with self._session() as session:
            if values:
                session.execute(update(row).where(row.webhook_id == webhook_id).values(**values))
            found = session.get(row, webhook_id, populate_existing=True)
            return None if found is None else _webhook(found)

    def switch_off(self, webhook_id: str, url: str) -> None:
        """Deliver nothing more to this address; one that was given meanwhile stays."""
        row = t.WebhookRow
        with self._session() as session:
            session.execute(update(row).where(row.webhook_id == webhook_id, row.url == url).values(active=False))

    def webhook(self, webhook_id: str) -> Webhook | None:
        """One of them."""
        with self._session() as session:
            row = session.get(t.WebhookRow, webhook_id)
            return None if row is None else _webhook(row)

    def webhooks(self, tenant: str) -> list[Webhook]:
        """A tenant's, the oldest first."""
        row = t.WebhookRow
        with self._session() as session:
            found = session.scalars(select(row).where(row.tenant == tenant).order_by(row.created, row.webhook_id))
            return [_webhook(one) for one in found]

    def remove_webhook(self, webhook_id: str) -> None:
        """Forget it, and what was on its way."""
        with self._session() as session:
            hold(session.connection())  # an event that is being put on its way to it is there, and goes too
            session.execute(delete(t.DeliveryRow).where(t.DeliveryRow.webhook_id == webhook_id))
            session.execute(delete(t.WebhookRow).where(t.WebhookRow.webhook_id == webhook_id))

    def deliveries(self, webhook_id: str, limit: int = 100) -> list[Delivery]:
        """The newest of them."""
        row = t.DeliveryRow
        query = select(row).where(row.webhook_id == webhook_id).order_by(row.id.desc()).limit(limit)
        with self._session() as session:
            return [_delivery(one) for one in session.scalars(query)]

    def claim(self, now: datetime, until: datetime, limit: int, *, busy: Collection[str] = ()) -> list[Delivery]:
        """Those that are due and nobody else has, by turns; two workers that see the same row do not both get it."""
        row = t.DeliveryRow
        turn = func.row_number().over(partition_by=row.webhook_id, order_by=(row.due, row.id)).label("turn")
        waits = (row.status == "waiting", row.due <= now, row.webhook_id.not_in(busy))
        turns = select(row.id, turn).where(*waits).subquery()
        due = select(row).join(turns, turns.c.id == row.id).where(turns.c.turn <= SHARE)
        due = due.order_by(turns.c.turn, row.due, row.id).limit(limit)
        with self._session() as session:
            found = [_delivery(one) for one in session.scalars(due)]
            return [one for one in found if _taken(session, one, until)]

    def settle(self, delivery: Delivery) -> None:
        """What a try came to."""
        changed = delivery.model_dump(include={"status", "attempts", "due", "answer"})
        with self._session() as session:
            session.execute(update(t.DeliveryRow).where(t.DeliveryRow.id == delivery.id).values(**changed))

    def send_again(self, webhook_id: str, now: datetime, *, since: datetime | None = None) -> int:
        """Make what is dead, or everything since a moment, due again; how many."""
        row = t.DeliveryRow
        which = row.status == "dead" if since is None else row.told >= since
        again = update(row).where(row.webhook_id == webhook_id, which)
        with self._session() as session:
            return count(session, again.values(status="waiting", attempts=0, due=now))


def _taken(session: Session, one: Delivery, until: datetime) -> bool:
    row = t.DeliveryRow
    claimed = update(row).where(row.id == one.id, row.status == "waiting", row.due == one.due).values(due=until)
    return count(session, claimed) > 0


def _webhook(row: t.WebhookRow) -> Webhook:
    return Webhook.model_validate(row, from_attributes=True)


def _delivery(row: t.DeliveryRow) -> Delivery:
    return Delivery.model_validate(row, from_attributes=True)
