"""Which samples belong into which dataset, and which of them are held out. Pure."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.curator.engagement import engaged_score
from services.curator.records import EngagedSample

HELD_SHARE = 0.1

Split = Literal["train", "held"]


@dataclass(frozen=True, kw_only=True)
class Liked:
    """The last stage learns from promoted pictures that people engage with most (Canvas 2024: a small, curated set).

    `min_impressions`: views before a rate means anything; `top_share`: the best of those that have them.
    """

    min_impressions: int = 100
    top_share: float = 0.2
    promoted_only: bool = True

    def __call__(self, engaged: Iterable[EngagedSample]) -> list[tuple[EngagedSample, float]]:
        """Samples with their score, the best first; never an unscored one."""
        scored = [
            (sample, engaged_score(sample.counts))
            for sample in engaged
            if sample.counts.impressions >= self.min_impressions
            and sample.counts.wanted > 0
            and (sample.promoted or not self.promoted_only)
        ]
        scored.sort(key=lambda pair: (-pair[1], pair[0].key))
        return scored[: math.ceil(len(scored) * self.top_share)]


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
        """The splits of these products; told twice, a product counts once."""
        lowest = highest = None
        for product in products:
            lowest = product if lowest is None else min(lowest, product, key=_order)
            highest = product if highest is None else max(highest, product, key=_order)
        if lowest is None or highest is None:
            return cls(share)
        if lowest != highest and not _is_low(lowest, share):
            return cls(share, edge=lowest)
        return cls(share, edge=highest if _is_low(highest, share) else None)

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
