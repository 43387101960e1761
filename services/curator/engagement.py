"""How much people like a picture: counts over windows of time, and a rate that does not trust small numbers."""

import math
from dataclasses import dataclass

Z_95 = 1.96


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Sums over all windows of one product."""

    impressions: int = 0
    clicks: int = 0
    saves: int = 0
    long_clicks: int = 0

    @property
    def wanted(self) -> int:
        """Actions that say "I like this"; never more than the times it was seen."""
        return min(self.impressions, self.saves + self.long_clicks + self.clicks)


def engaged_score(counts: Counts, *, z: float = Z_95) -> float:
    """Lower bound of the Wilson interval (Wilson 1927) of wanted / impressions; 0 without impressions.

    3 of 4 ranks below 300 of 500, as it should: few views prove little.
    """
    n = counts.impressions
    if n == 0:
        return 0.0
    rate = counts.wanted / n
    centre = rate + z * z / (2 * n)
    spread = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return max(0.0, (centre - spread) / (1 + z * z / n))
