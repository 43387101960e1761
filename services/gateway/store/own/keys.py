"""Keys, quotas and kept answers over SQLAlchemy."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, select, update

from services.gateway.answers import STUCK, KeptAnswer
from services.gateway.callers.keys import ApiKey
from services.gateway.store.numbering import count as met
from services.gateway.store.own import tables as t
from services.gateway.store.rows import api_key
from shared.database.sessions import Database

KEPT_FOR = timedelta(hours=24)
KEYS: Any = t.KeyRow.__table__
ONE_KEY = select(KEYS).where(KEYS.c.key_id == bindparam("key_id"))


class SqlOwn(Database):
    """What no topic says."""

    name = "projection"

    def key(self, key_id: str) -> ApiKey | None:
        """A key, revoked or not."""
        with self._reading() as looked:
            row = looked.execute(ONE_KEY, {"key_id": key_id}).first()
        return None if row is None else api_key(row)

    def put_key(self, key: ApiKey) -> None:
        """Remember a key, or what became of it."""
        with self._session() as session:
            session.merge(
                t.KeyRow(
                    key_id=key.key_id,
                    tenant=key.tenant,
                    name=key.name,
                    scopes=sorted(key.scopes),
                    salt=key.salt,
                    hash=key.hash,
                    created=key.created,
                    expires=key.expires,
                    revoked=key.revoked,
                )
            )

    def all_keys(self) -> list[ApiKey]:
        """All of them, the oldest first."""
        with self._session() as session:
            return [
                api_key(row) for row in session.scalars(select(t.KeyRow).order_by(t.KeyRow.created, t.KeyRow.key_id))
            ]

    def use(self, tenant: str, what: str, count: int, most: int, now: datetime) -> bool:
        """Count it for this day (UTC), unless that makes more than `most`; whether it was counted."""
        day = now.date().isoformat()
        row = t.UsageRow
        mine = (row.tenant == tenant, row.day == day, row.what == what)
        with self._session() as session:
            start = self._insert(row).values(tenant=tenant, day=day, what=what, count=0)
            session.execute(start.on_conflict_do_nothing())
            counted = update(row).where(*mine, row.count + count <= most).values(count=row.count + count)
            return met(session, counted) > 0

    def give_back(self, tenant: str, what: str, count: int, now: datetime) -> None:
        """What was counted on the day of `now` was not used."""
        row = t.UsageRow
        mine = (row.tenant == tenant, row.day == now.date().isoformat(), row.what == what)
        left = case((row.count > count, row.count - count), else_=0)
        with self._session() as session:
            session.execute(update(row).where(*mine).values(count=left))

    def begin(self, tenant: str, key: str, fingerprint: str, now: datetime) -> KeptAnswer:
        """Take an idempotency key that is new, was given back, or whose holder has died over the same request.

        Returns it as this caller's own, else what it has.
        """
        row = t.AnswerRow
        with self._session() as session:
            session.execute(delete(row).where(row.asked < now - KEPT_FOR))
            new = self._insert(row).values(tenant=tenant, key=key, fingerprint=fingerprint, asked=now, taken=now)
            died = and_(row.fingerprint == fingerprint, row.taken <= now - STUCK)
            taken = new.on_conflict_do_update(
                index_elements=["tenant", "key"],
                set_={"fingerprint": fingerprint, "taken": now},
                where=row.status.is_(None) & (row.taken.is_(None) | died),
            )
            asked = session.scalar(taken.returning(row.asked))
            if asked is not None:
                return KeptAnswer(fingerprint, None, None, asked, ours=True)
            found = session.get_one(row, (tenant, key))
            return KeptAnswer(found.fingerprint, found.status, found.body, found.asked)

    def finish(self, tenant: str, key: str, status: int, body: str) -> None:
        """Keep the answer."""
        row = t.AnswerRow
        with self._session() as session:
            mine = update(row).where(row.tenant == tenant, row.key == key)
            session.execute(mine.values(status=status, body=body))

    def abandon(self, tenant: str, key: str) -> None:
        """No answer came of it: any request may have the key, and when it came first is remembered."""
        row = t.AnswerRow
        with self._session() as session:
            mine = update(row).where(row.tenant == tenant, row.key == key, row.status.is_(None))
            session.execute(mine.values(taken=None))
