"""Keys, quotas and kept answers over SQLAlchemy."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, select, update

from services.gateway.answers import KeptAnswer
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

    def begin(self, tenant: str, key: str, fingerprint: str, now: datetime) -> KeptAnswer | None:
        """Take an idempotency key: None when it is new, and this request is to be worked on; else what it has."""
        row = t.AnswerRow
        with self._session() as session:
            session.execute(delete(row).where(row.asked < now - KEPT_FOR))
            values = {"tenant": tenant, "key": key, "fingerprint": fingerprint, "asked": now}
            taken = self._insert(row).values(**values).on_conflict_do_nothing().returning(row.key)
            if session.scalar(taken) is not None:
                return None
            found = session.get(row, (tenant, key))
            return None if found is None else KeptAnswer(found.fingerprint, found.status, found.body, found.asked)

    def finish(self, tenant: str, key: str, status: int, body: str) -> None:
        """Keep the answer."""
        row = t.AnswerRow
        with self._session() as session:
            mine = update(row).where(row.tenant == tenant, row.key == key)
            session.execute(mine.values(status=status, body=body))

    def abandon(self, tenant: str, key: str) -> None:
        """Nothing came of it: the key may be used again."""
        row = t.AnswerRow
        with self._session() as session:
            session.execute(delete(row).where(row.tenant == tenant, row.key == key, row.status.is_(None)))
