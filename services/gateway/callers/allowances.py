"""Quotas counted ahead: a two hundredth of a tenant's day at once, so that few requests wait for the database.

What was counted ahead and is not asked for when the day or the process ends is lost: a day is a little shorter then,
never longer. Small quotas are counted one by one.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from services.gateway.ports import Usage

PARTS = 200


@dataclass
class Allowances:
    """What tenants may use without asking again, in this process."""

    usage: Usage
    _ahead: dict[tuple[str, str], tuple[date, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at_once(self, tenant: str, counts: Mapping[str, int], now: datetime) -> bool:
        """Whether all of it was counted ahead; then it is used."""
        with self._lock:
            left = {what: self._left(tenant, what, now) - count for what, count in counts.items()}
            if min(left.values(), default=0) < 0:
                return False
            self._ahead.update({(tenant, what): (now.date(), count) for what, count in left.items()})
            return True

    def use(self, tenant: str, what: str, count: int, most: int, now: datetime) -> bool:
        """Count in the database what is not ahead yet, and what comes next with it where a day has room for both.

        Raises DependencyDown in an outage; what was ahead stays so.
        """
        mine = left = self._taken(tenant, what, count, now)
        if mine == count:
            return True
        try:
            for ahead in dict.fromkeys((most // PARTS, 0)):
                if self.usage.use(tenant, what, count - mine + ahead, most, now):
                    left = ahead
                    return True
            return False
        finally:
            self._keep(tenant, what, left, now)

    def give_back(self, tenant: str, what: str, count: int, now: datetime) -> None:
        """What was counted on this day was not used."""
        self.usage.give_back(tenant, what, count, now)

    def _taken(self, tenant: str, what: str, most: int, now: datetime) -> int:
        with self._lock:
            left = self._left(tenant, what, now)
            taken = min(most, left)
            self._ahead[tenant, what] = (now.date(), left - taken)
            return taken

    def _keep(self, tenant: str, what: str, count: int, now: datetime) -> None:
        with self._lock:
            self._ahead[tenant, what] = (now.date(), self._left(tenant, what, now) + count)

    def _left(self, tenant: str, what: str, now: datetime) -> int:
        day, count = self._ahead.get((tenant, what), (now.date(), 0))
        return count if day == now.date() else 0
