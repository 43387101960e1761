"""What is counted at every message: the library's metrics, counted by the event loop alone and therefore without locks.

The library takes a lock for each number, of which one message changes a dozen. What is not told here of the library's
ways, `reset` and a counter's exemplars, is not to be had.
"""

import time
from bisect import bisect_left

from prometheus_client import Counter, Histogram
from prometheus_client.samples import Exemplar


class Count:
    """A number that one thread changes and any may read."""

    __slots__ = ("amount", "exemplar")

    def __init__(self) -> None:
        self.amount = 0.0
        self.exemplar: Exemplar | None = None

    def get(self) -> float:
        """As the library reads it."""
        return self.amount

    def get_exemplar(self) -> Exemplar | None:
        """As the library reads it."""
        return self.exemplar


class QuickCounter(Counter):
    """A counter of the event loop's."""

    def _metric_init(self) -> None:
        super()._metric_init()
        self._value = Count()

    def inc(self, amount: float = 1) -> None:  # type: ignore[override]
        """As the original does with an amount that is not negative."""
        self._value.amount += amount


class QuickHistogram(Histogram):
    """A histogram of the event loop's, which finds the bucket by bisection."""

    def _metric_init(self) -> None:
        super()._metric_init()
        self._sum = Count()
        self._buckets = [Count() for _ in self._upper_bounds]

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        """As the original does with a number; the last bucket ends at infinity, so there is always one."""
        self._sum.amount += amount
        bucket = self._buckets[bisect_left(self._upper_bounds, amount)]
        bucket.amount += 1
        if exemplar:
            bucket.exemplar = Exemplar(exemplar, amount, time.time())
