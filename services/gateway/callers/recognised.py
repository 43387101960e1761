"""Who was recognised a moment ago: shown the same again, no database is asked. Pure but for the clock it is given."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import LRUCache

from services.gateway.callers.keys import ApiKey
from services.gateway.callers.sessions import hashed

LIFE_S = 5.0
MOST = 10_000


@dataclass
class Recognised:
    """Keys by what was shown for them, an `Authorization` or a cookie's word, of which a hash is kept.

    `life_s` bounds how long one still opens after it was revoked, or after its session was ended in another replica.
    """

    life_s: float = LIFE_S
    clock: Callable[[], float] = time.monotonic
    _known: LRUCache[str, tuple[float, ApiKey]] = field(default_factory=lambda: LRUCache(MOST))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, shown: str) -> ApiKey | None:
        """The key of what was shown, if it was recognised within `life_s`."""
        with self._lock:
            since, key = self._known.get(hashed(shown), (-self.life_s, None))
        return key if self.clock() - since < self.life_s else None

    def keep(self, shown: str, key: ApiKey, since: float) -> None:
        """It was recognised by a look that began at `since`, by the clock."""
        with self._lock:
            self._known[hashed(shown)] = (since, key)

    def forget(self, shown: str) -> None:
        """It opens nothing any more, here at once."""
        with self._lock:
            self._known.pop(hashed(shown), None)
