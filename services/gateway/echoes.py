"""What is said here comes back from its topic: the echo waits for what became of it instead of doing it again."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from services.gateway.records import Told

MOST = 1000  # echoes that went to another replica are never asked for

Place = tuple[str, datetime]


class Echoes:
    """Of one process and one event loop."""

    def __init__(self) -> None:
        self._said: OrderedDict[Place, asyncio.Future[bool]] = OrderedDict()

    @contextmanager
    def of(self, told: Told) -> Iterator[None]:
        """Inside of the block an event is published and taken in; where that fails, its echo is to be taken in."""
        became = self._said[_place(told)] = asyncio.get_running_loop().create_future()
        if len(self._said) > MOST:
            self._said.popitem(last=False)
        taken = False
        try:
            yield
            taken = True
        finally:
            if not became.done():  # who took the echo may have left while it waited
                became.set_result(taken)

    async def known(self, told: Told) -> bool:
        """Whether an event from a topic is the echo of one that was taken in here; each echo is asked for once."""
        became = self._said.pop(_place(told), None)
        return became is not None and await became


def _place(told: Told) -> Place:
    return told.event_id, told.time
