"""KEDA's rule and the HPA's behind it, second by second over arrivals: who waits how long, at what cost.

Pure. Sources: KEDA's page on scaling Deployments, the page of Kubernetes on horizontal pod autoscaling;
`make cluster-test` sees the same staircase of the real ones.
"""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deploy.capacity.arrivals import Rates

HPA_SYNC_S = 15
TOLERANCE = 0.1  # of the wished number: the HPA leaves smaller differences alone


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The settings of one ScaledObject. `start_s`: from the decision to a replica that works."""

    lag_threshold: float
    least: int = 0
    most: int = 12
    polling_s: int = 30
    cooldown_s: int = 300
    up_pods: int = 4
    up_share: float = 1.0
    up_every_s: int = 15
    down_window_s: int = 300
    start_s: int = 60


@dataclass(frozen=True)
class Timeline:
    """What happened, second by second: messages not finished, working replicas, age of the oldest message."""

    lag: NDArray[np.float64]
    replicas: NDArray[np.float64]
    age_s: NDArray[np.float64]
    asked: NDArray[np.float64]

    @property
    def replica_hours(self) -> float:
        """What is paid for: replicas that start are paid as well."""
        return float(self.asked.sum() / 3600)

    def age_quantile_s(self, share: float) -> float:
        """The age of the oldest waiting message, in seconds, that is not exceeded in this share of the time."""
        return float(np.quantile(self.age_s, share))


@dataclass
class Scaler:
    """The number of replicas that KEDA and the HPA ask for, as they remember it from second to second."""

    policy: Policy
    asked: int = 0
    _seen_lag: float = 0.0
    _active_at: float = -math.inf
    _wished: deque[tuple[int, int]] = field(default_factory=deque)
    _ups: deque[tuple[int, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.asked = self.policy.least

    def at(self, second: int, lag: float) -> int:
        """The replicas asked for from this second on."""
        if second % self.policy.polling_s == 0:
            self._poll(second, lag)
        if second % HPA_SYNC_S == 0 and self.asked > 0:
            self._sync(second)
        return self.asked

    def _poll(self, second: int, lag: float) -> None:
        """KEDA itself decides between none and one; everything above is the HPA's."""
        self._seen_lag = lag
        if lag > 0:
            self._active_at = second
            self.asked = max(self.asked, 1)
        elif second - self._active_at >= self.policy.cooldown_s:
            self.asked = self.policy.least

    def _sync(self, second: int) -> None:
        wish = max(math.ceil(self._seen_lag / self.policy.lag_threshold), self.policy.least, 1)
        near = self._seen_lag > 0 and abs(self._seen_lag / self.policy.lag_threshold / self.asked - 1) <= TOLERANCE
        wish = self.asked if near else min(wish, self.policy.most)
        self._wished.append((second, wish))
        while self._wished[0][0] <= second - self.policy.down_window_s:
            self._wished.popleft()
        if wish > self.asked:
            self.asked = min(wish, self._up_limit(second))
        elif wish < self.asked:
            self.asked = min(self.asked, max(one for _, one in self._wished))

    def _up_limit(self, second: int) -> int:
        """Pods or a share more than there were one period ago, whichever is more."""
        self._ups.append((second, self.asked))
        while self._ups[0][0] <= second - self.policy.up_every_s:
            self._ups.popleft()
        before = self._ups[0][1]
        return max(before + self.policy.up_pods, math.floor(before * (1 + self.policy.up_share)))


def simulate(arrivals: Rates, *, service_s: float, policy: Policy) -> Timeline:
    """One stage whose message takes `service_s` seconds of one replica. A fluid model: fractions of messages move."""
    scaler, starting = Scaler(policy), deque[tuple[int, int]]()
    working, lag, finished = float(policy.least), 0.0, 0.0
    rows = np.zeros((4, len(arrivals)))
    arrived = np.cumsum(arrivals)
    for second, rate in enumerate(arrivals):
        asked = scaler.at(second, lag)
        working = _started(second, asked, working, starting, policy.start_s)
        lag += rate
        done = min(lag, working / service_s)
        lag, finished = lag - done, finished + done
        oldest = int(np.searchsorted(arrived, finished + 1e-9))
        rows[:, second] = lag, working, max(second - oldest, 0) if lag > 1e-9 else 0.0, asked
    return Timeline(*rows)


def _started(second: int, asked: int, working: float, starting: deque[tuple[int, int]], start_s: int) -> float:
    """Replicas that work: new ones after their start, superfluous ones gone at once (they finish what is in hand)."""
    coming = sum(count for _, count in starting)
    if asked > working + coming:
        starting.append((second + start_s, int(asked - working - coming)))
    while starting and starting[0][0] <= second:
        working += starting.popleft()[1]
    return min(working, float(asked))
