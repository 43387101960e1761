"""What a rule is told of a photo and what is said of it: kept or dropped, with a reason that is a metric's label."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from services.curator.pixels.looks import Looks
from shared.contracts.events import Caption, ProductFacts, Segmentation

Reason = Literal[
    "kept",
    "withdrawn",
    "no_consent",
    "photo_refused",
    "plain_backdrop",
    "unsure_mask",
    "product_too_small",
    "product_too_large",
    "product_cut_off",
    "background_not_described",
    "unsafe_words",
    "too_small",
    "blurred",
    "too_dark",
    "too_bright",
    "flat",
    "text_overlay",
    "collage",
    "several_parts",
    "duplicate",
    "near_duplicate",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True)
class Verdict:
    """Kept or dropped, why, and every score that was measured on the way."""

    kept: bool
    reason: Reason
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What is known of a photo without its pixels."""

    facts: ProductFacts
    segmentation: Segmentation
    caption: Caption | None
    withdrawn: bool = False
    outweighed: bool = False  # a no that is not older stands against this photo's yes


@dataclass(frozen=True)
class Measured:
    """What its pixels say."""

    looks: Looks
