"""Pictures decoded, cut and shrunk: so many at once and no more, apart from the threads that look things up."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread

from shared.contracts.errors import Transient

T = TypeVar("T")
MOST_WAITING = 200


class Busy(Transient):
    """More pictures wait than will be done while anybody is still there."""


class PictureWork:
    """`at_once` bounds the memory: a picture of 50 megapixels takes 150 MB, and as much again while it changes."""

    def __init__(self, at_once: int, *, waiting: int = MOST_WAITING) -> None:
        self._places = CapacityLimiter(at_once)
        self._waiting = waiting

    async def __call__(self, work: Callable[..., T], *given: Any) -> T:
        """What the work returns, when its turn has come. Raises Busy, and what the work raises."""
        if self._places.statistics().tasks_waiting >= self._waiting:
            raise Busy("pictures_busy", "too many pictures wait to be worked on; try again in a moment")
        return await to_thread.run_sync(partial(work, *given), limiter=self._places)
