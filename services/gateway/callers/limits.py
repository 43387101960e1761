"""How fast one key may ask: a token bucket for each, in this process. Pure but for the clock it is given."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

MOST_KEYS = 10_000


@dataclass
class _Bucket:
    tokens: float
    at: float


class RateLimits:
    """`rate` requests a second for each key on average, `burst` of them at once."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: LRUCache[str, _Bucket] = LRUCache(MOST_KEYS)
        self._lock = threading.Lock()

    def seconds_to_wait(self, key: str) -> int:
        """0 when this request may pass, which is counted; else the whole seconds after which one may."""
        with self._lock:
            bucket, now = self._bucket(key), self._clock()
            bucket.tokens = min(float(self._burst), bucket.tokens + (now - bucket.at) * self._rate)
            bucket.at = now
            if bucket.tokens >= 1.0:
                bucket.tokens -= 1.0
                return 0
            return max(1, math.ceil((1.0 - bucket.tokens) / self._rate))

    def _bucket(self, key: str) -> _Bucket:
        """The key's own; those unused for longest are forgotten, which makes them full again."""
        return self._buckets.setdefault(key, _Bucket(float(self._burst), self._clock()))
