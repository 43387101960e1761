"""What a request counts against the quotas of its tenant's day; what it does not come to use is given back."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi.concurrency import run_in_threadpool

from services.gateway.callers.keys import Identity
from services.gateway.doors.problems import RequestRefused
from services.gateway.gateway import Gateway, now, seconds_to_midnight
from shared.contracts.errors import BackdropError


class Spending:
    """Counted, and not used yet."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._left = Counter(counts)

    def use(self, **counts: int) -> None:
        """So much has become something."""
        self._left.subtract(counts)

    @property
    def left(self) -> dict[str, int]:
        """What nothing came of."""
        return {what: count for what, count in self._left.items() if count > 0}


@asynccontextmanager
async def spending(gateway: Gateway, who: Identity, **counts: int) -> AsyncIterator[Spending]:
    """Count against the day's quotas, by their names; what was not used at the end is given back. Raises Refused."""
    moment = now()
    limited = {what: count for what, count in counts.items() if count and getattr(gateway.quotas, what)}
    if not gateway.allowances.at_once(who.tenant, limited, moment):
        await run_in_threadpool(_take, gateway, who, limited, moment)
    spent = Spending(limited)
    try:
        yield spent
    finally:
        if spent.left:
            await run_in_threadpool(_give_back, gateway, who, spent.left, moment)


def _take(gateway: Gateway, who: Identity, counts: Mapping[str, int], moment: datetime) -> None:
    taken: dict[str, int] = {}
    try:
        for what, count in counts.items():
            most = getattr(gateway.quotas, what)
            if not gateway.allowances.use(who.tenant, what, count, most, moment):
                words = f"no more than {most} {what} a day; the day ends at midnight UTC"
                wait = str(seconds_to_midnight(moment))
                raise RequestRefused(429, "quota_exceeded", words, headers={"Retry-After": wait})
            taken[what] = count
    except (RequestRefused, BackdropError):
        _give_back(gateway, who, taken, moment)
        raise


def _give_back(gateway: Gateway, who: Identity, counts: Mapping[str, int], moment: datetime) -> None:
    """An outage of the database hides nothing of why it is given back."""
    with contextlib.suppress(BackdropError):
        for what, count in counts.items():
            gateway.allowances.give_back(who.tenant, what, count, moment)
