"""Which samples belong into which dataset, and which of them are held out. Pure."""

import hashlib
import heapq
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.curator.records import EngagedPicture
from services.curator.taste.engagement import EngagementSums, Prior, PriorFit, faded

HELD_SHARE = 0.1
POOL = 4  # times as many as are wanted are looked at for pictures of other shops

Split = Literal["train", "held"]


@dataclass(frozen=True)
class RatedPicture:
    """As much of a picture as decides whether it is liked enough. `score`: the lower end of its rate's interval."""

    key: str
    score: float
    category: str = ""
    merchant: str = ""


@dataclass(frozen=True, kw_only=True)
class Liked:
    """The last stage learns from promoted pictures that people engage with most (Canvas 2024: a small, curated set).

    `min_impressions`: views before a rate means anything; `top_share`: the best of those that have them, `most` at
    most; what was seen counts half after `half_life_days`. No category and no merchant has more than its share of
    them, so that one loud shop does not set everybody's taste; pictures without either are nobody's.
    """

    min_impressions: int = 100
    top_share: float = 0.2
    promoted_only: bool = True
    half_life_days: float = 28.0
    category_share: float = 0.5
    merchant_share: float = 0.25
    most: int = 20_000

    def prior(self, met: Iterable[EngagedPicture], now: datetime) -> Prior:
        """What the rates of all pictures have in common; they pass by once."""
        fit = PriorFit()
        for one in met:
            fit.add(self.counts(one, now))
        return fit.prior()

    def counts(self, one: EngagedPicture, now: datetime) -> EngagementSums:
        """What people did with a picture, as it weighs now."""
        return faded(one.windows, now, self.half_life_days)

    def __call__(self, met: Iterable[EngagedPicture], prior: Prior, now: datetime) -> list[RatedPicture]:
        """The best liked, the best first; they pass by once, and a few times `most` are remembered."""
        seen = Counter[str]()
        pool = heapq.nlargest(POOL * self.most, self._scored(met, prior, now, seen), key=_order_of_liking)
        wanted = min(self.most, math.ceil(seen["scored"] * self.top_share))
        return self._within_shares(pool, wanted)

    def _scored(
        self, met: Iterable[EngagedPicture], prior: Prior, now: datetime, seen: Counter[str]
    ) -> Iterator[RatedPicture]:
        for one in met:
            counts = self.counts(one, now)
            if counts.impressions < self.min_impressions or counts.wanted == 0:
                continue
            if one.promoted or not self.promoted_only:
                seen["scored"] += 1
                yield RatedPicture(one.key, prior.rate(counts).low, one.category, one.merchant)

    def _within_shares(self, ranked: Iterable[RatedPicture], wanted: int) -> list[RatedPicture]:
        """The best that leave room for others."""
        chosen, given = list[RatedPicture](), Counter[tuple[str, str]]()
        for one in ranked:
            groups = [
                (kind, name, share)
                for kind, name, share in (
                    ("category", one.category, self.category_share),
                    ("merchant", one.merchant, self.merchant_share),
                )
                if name
            ]
            full = any(given[kind, name] >= max(1, math.floor(share * wanted)) for kind, name, share in groups)
            if full or len(chosen) >= wanted:
                continue
            given.update((kind, name) for kind, name, _ in groups)
            chosen.append(one)
        return chosen


def _order_of_liking(one: RatedPicture) -> tuple[float, str]:
    return one.score, one.key


@dataclass(frozen=True)
class Splits:
    """Who is held out: by product, and by its name alone, so that it stays so in every version.

    A dataset of two or more products holds at least one back, and keeps at least one to learn from: `edge` is that one
    when the names alone would not. It takes one look over all products and remembers one of them.
    """

    share: float = HELD_SHARE
    edge: str | None = None

    @classmethod
    def of(cls, products: Iterable[str], *, share: float = HELD_SHARE) -> "Splits":
        """The splits of these products, or of the `edges` of all parts of them; told twice, a product counts once."""
        found = cls.edges(products)
        if not found:
            return cls(share)
        lowest, highest = found
        if lowest != highest and not _is_low(lowest, share):
            return cls(share, edge=lowest)
        return cls(share, edge=highest if _is_low(highest, share) else None)

    @staticmethod
    def edges(products: Iterable[str]) -> tuple[str, str] | tuple[()]:
        """The first and the last of products in the order of their ranks: all that decides how they are split."""
        lowest = highest = None
        for product in products:
            lowest = product if lowest is None else min(lowest, product, key=_order)
            highest = product if highest is None else max(highest, product, key=_order)
        return () if lowest is None or highest is None else (lowest, highest)

    def __getitem__(self, product_id: str) -> Split:
        """Of any product, known before or not."""
        held = _is_low(product_id, self.share) != (product_id == self.edge)
        return "held" if held else "train"


def _is_low(product_id: str, share: float) -> bool:
    return _rank(product_id) < share * 2**32


def _order(product_id: str) -> tuple[int, str]:
    return _rank(product_id), product_id


def _rank(product_id: str) -> int:
    return int(hashlib.sha256(product_id.encode()).hexdigest()[:8], 16)
