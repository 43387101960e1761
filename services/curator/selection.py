"""Which samples belong into which dataset, and which of them are held out. Pure."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.curator.engagement import Counts, engaged_score
from services.curator.records import Sample

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

    def __call__(self, kept: Iterable[Sample], engagement: Mapping[str, Counts]) -> list[tuple[Sample, float]]:
        """Samples with their score, the best first; never an unscored one."""
        scored = [
            (sample, engaged_score(counts))
            for sample in kept
            if (counts := engagement.get(sample.product_id)) is not None
            and counts.impressions >= self.min_impressions
            and counts.wanted > 0
            and (sample.promoted or not self.promoted_only)
        ]
        scored.sort(key=lambda pair: (-pair[1], pair[0].key))
        return scored[: math.ceil(len(scored) * self.top_share)]


def splits(products: Sequence[str], *, share: float = HELD_SHARE) -> dict[str, Split]:
    """By product, and by its name alone: what is held out once stays so in every version, whatever else is in it.

    A dataset of two or more products holds at least one back, and keeps at least one to learn from.
    """
    ranked = sorted(set(products), key=_rank)
    held = [product for product in ranked if _rank(product) < share * 2**32]
    if not held and len(ranked) > 1:
        held = ranked[:1]
    if len(held) == len(ranked):
        held = held[:-1]
    return {product: "held" if product in set(held) else "train" for product in ranked}


def _rank(product_id: str) -> int:
    return int(hashlib.sha256(product_id.encode()).hexdigest()[:8], 16)
