"""What is said here comes back from its topic: the echo waits for what became of it instead of doing it again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from cachetools import FIFOCache

MOST = 1000  # echoes that went to another replica are never asked for

Saying = tuple[str, str]
"""When an event was said, as its envelope has it, and the digest of its bytes: nothing of an echo has to be read."""


class Echoes:
    """Of one process and one event loop."""

    def __init__(self) -> None:
        self._said: FIFOCache[Saying, asyncio.Future[bool]] = FIFOCache(MOST)

    @contextmanager
    def of(self, said: Saying) -> Iterator[None]:
        """Inside of the block an event is published and taken in; where that fails, its echo is to be taken in."""
        became = self._said[said] = asyncio.get_running_loop().create_future()
        taken = False
        try:
            yield
            taken = True
        finally:
            if not became.done():  # who took the echo may have left while it waited
                became.set_result(taken)

    async def known(self, said: Saying) -> bool:
        """Whether an event from a topic is the echo of one that was taken in here; each echo is asked for once."""
        became = self._said.pop(said, None)
        return became is not None and await became
