"""Which dead letters were sent on their way again: by whom first, and kept when the projection is filled anew."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete

from services.gateway.store.own import tables as t
from shared.database.sessions import Database

STUCK = timedelta(minutes=2)  # who began a replay longer ago has died over it


class SqlReplays(Database):
    """The half of the projection that knows of replays."""

    name = "projection"

    def begin_replay(self, place: str, now: datetime) -> bool:
        """Whether this caller sends the letter; of two at once one does, and none once it was sent."""
        row = t.ReplayRow
        new = self._insert(row).values(place=place, begun=now, done=False)
        stuck = row.done.is_(False) & (row.begun < now - STUCK)
        taken = new.on_conflict_do_update(index_elements=["place"], set_={"begun": now}, where=stuck)
        with self._session() as session:
            return session.scalar(taken.returning(row.place)) is not None

    def end_replays(self, places: Collection[str], now: datetime) -> None:
        """These letters are on their way again, whoever sent them."""
        row = t.ReplayRow
        with self._session() as session:
            for place in places:
                new = self._insert(row).values(place=place, begun=now, done=True)
                session.execute(new.on_conflict_do_update(index_elements=["place"], set_={"done": True}))

    def abandon_replay(self, place: str) -> None:
        """It could not be sent: another may try."""
        row = t.ReplayRow
        with self._session() as session:
            session.execute(delete(row).where(row.place == place, row.done.is_(False)))
