"""How much people like a picture: counts that fade with time, and a rate drawn towards that of all pictures."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.curator.records import Window
from shared.contracts.events import in_utc

Z_95 = 1.96
DAY_S = 86_400.0
STRENGTHS = (2.0, 1e6)  # of the prior, in impressions: at least a coin's, at most as good as certain


@dataclass(frozen=True, kw_only=True)
class EngagementSums:
    """Sums over windows, not whole numbers once they have faded."""

    impressions: float = 0.0
    wanted: float = 0.0

    def __add__(self, other: "EngagementSums") -> "EngagementSums":
        return EngagementSums(impressions=self.impressions + other.impressions, wanted=self.wanted + other.wanted)


def wanted(window: Window) -> int:
    """Actions that say "I like this"; never more than the times it was seen."""
    return min(window.impressions, window.saves + window.long_clicks + window.clicks)


def faded(windows: Iterable[Window], now: datetime, half_life_days: float) -> EngagementSums:
    """What windows weigh at `now`: half after each half-life, since tastes change."""
    counts = EngagementSums()
    for window in windows:
        age_days = max(0.0, (in_utc(now) - in_utc(window.end)).total_seconds() / DAY_S)
        weight = 0.5 ** (age_days / half_life_days)
        counts += EngagementSums(impressions=weight * window.impressions, wanted=weight * wanted(window))
    return counts


@dataclass(frozen=True)
class Rate:
    """A rate and its 95 % interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Prior:
    """Beta(mean x strength, (1 - mean) x strength): the rates of all pictures (empirical Bayes; Efron & Morris 1975).

    `strength` is in impressions: a picture seen that often is believed half for itself, half for what all are like.
    """

    mean: float = 0.0
    strength: float = STRENGTHS[0]

    def rate(self, counts: EngagementSums) -> Rate:
        """The posterior of one picture; 3 of 4 ranks below 300 of 500, as it should: few views prove little."""
        seen = counts.impressions + self.strength
        rate = min(1.0, (counts.wanted + self.mean * self.strength) / seen)
        spread = Z_95 * math.sqrt(rate * (1 - rate) / (seen + 1))
        return Rate(rate, max(0.0, rate - spread), min(1.0, rate + spread))

    def rate_of_group(self, counts: EngagementSums, pictures: int) -> Rate:
        """Of all pictures that share something: its spread knows that pictures differ, however often each is seen."""
        found = self.rate(counts)
        between = self.mean * (1 - self.mean) / (self.strength + 1) / max(1, pictures)
        spread = math.hypot((found.high - found.low) / 2, Z_95 * math.sqrt(between))
        return Rate(found.rate, max(0.0, found.rate - spread), min(1.0, found.rate + spread))


@dataclass
class PriorFit:
    """Fits a prior to the pictures that pass by, by their moments, and remembers four sums."""

    pictures: int = 0
    impressions: float = 0.0
    wanted: float = 0.0
    squares: float = field(default=0.0, repr=False)  # of the rates, weighted by impressions

    def add(self, counts: EngagementSums) -> None:
        """One more picture; an unseen one says nothing."""
        if counts.impressions <= 0:
            return
        self.pictures += 1
        self.impressions += counts.impressions
        self.wanted += counts.wanted
        self.squares += counts.wanted**2 / counts.impressions

    def prior(self) -> Prior:
        """What the pictures have in common: the variance of their rates, less what chance alone makes of it."""
        if self.pictures == 0 or self.wanted == 0:
            return Prior()
        mean = min(1.0, self.wanted / self.impressions)
        even = mean * (1 - mean)
        chance = even * self.pictures / self.impressions
        between = self.squares / self.impressions - mean**2 - chance
        strength = even / between - 1 if between > 0 else STRENGTHS[1]
        return Prior(mean=mean, strength=min(max(strength, STRENGTHS[0]), STRENGTHS[1]))
