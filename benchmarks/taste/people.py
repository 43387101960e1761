"""People who look at pictures: what they see in one, what they like, and how many of them click. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Seen = Mapping[str, Mapping[str, float]]
"""Attribute -> label -> how surely a picture shows it, 0..1."""

STONE = ("concrete", "slate", "marble", "terrazzo", "granite")
STUDIO = ("paper", "acrylic", "sweep", "podium")


@dataclass(frozen=True)
class Liking:
    """What one look is worth: added to the log-odds of a click when the picture surely shows one of the labels."""

    attribute: str
    labels: tuple[str, ...]
    worth: float

    def of(self, seen: Seen) -> float:
        """For a picture as it is seen."""
        shown = seen.get(self.attribute, {})
        return self.worth * sum(shown.get(label, 0.0) for label in self.labels)


@dataclass(frozen=True)
class Taste:
    """A population's. `base`: log-odds of a click on a picture that shows nothing it likes or dislikes."""

    name: str
    likings: tuple[Liking, ...]
    base: float = -3.2  # 3.9 %

    def chance(self, seen: Seen, product: float = 0.0) -> float:
        """Of a click on a picture; `product`: the log-odds that its product adds, in whatever scene."""
        odds = self.base + product + sum(liking.of(seen) for liking in self.likings)
        return 1 / (1 + math.exp(-odds))


WARM_WOOD = Taste(
    "warm wood and warm light over cold studio",
    (
        Liking("surface", ("wood",), 1.2),
        Liking("light_colour", ("warm",), 0.8),
        Liking("surface", STUDIO, -0.6),
        Liking("light_colour", ("cool",), -0.6),
    ),
)
COOL_STONE = Taste(
    "stone in neutral or cool light over warm wood",
    (
        Liking("surface", STONE, 1.2),
        Liking("light_colour", ("cool", "neutral"), 0.8),
        Liking("surface", ("wood",), -0.6),
    ),
)


@dataclass(frozen=True)
class Population:
    """Seeded people: the same seed, the same products' charms and the same clicks in the same order of questions."""

    rng: np.random.Generator
    charms: Mapping[str, float]

    @classmethod
    def of(cls, seed: int, products: tuple[str, ...]) -> "Population":
        """Every product has a charm of its own, N(0, 0.3) in log-odds, which no background changes."""
        rng = np.random.default_rng(seed)
        return cls(rng, {product: float(rng.normal(0, 0.3)) for product in sorted(products)})

    def clicks(self, taste: Taste, product: str, seen: Seen, impressions: int) -> int:
        """How many of so many different people click on a picture."""
        return int(self.rng.binomial(impressions, taste.chance(seen, self.charms[product])))
