"""The newest results of something costly, by key."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")


class NewestKept(Generic[T]):
    """As many of the newest as may be kept."""

    def __init__(self, most: int) -> None:
        self._known: LRUCache[Hashable, T] = LRUCache(most)
        self._hits = self._misses = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under `key`, made when it is not there."""
        if key in self._known:
            self._hits += 1
        else:
            self._misses += 1
            self._known[key] = make()
        return self._known[key]

    def clear(self) -> None:
        """Keep none of them."""
        self._known.clear()

    def requests(self) -> tuple[int, int]:
        """How many were kept, and how many had to be made."""
        return self._hits, self._misses
