"""Seeded chance: every random choice of a scene comes from one SeededRng, so a seed always draws the same picture."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class SeededRng:
    def __init__(self, *seed: object) -> None:
        digest = hashlib.sha256("/".join(map(str, seed)).encode()).digest()
        self._random = random.Random(int.from_bytes(digest[:8], "big"))

    def between(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)

    def whole(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def pick(self, *options: T) -> T:
        return self._random.choice(options)

    def one_of(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def weighted(self, options: dict[T, float]) -> T:
        return self._random.choices(list(options), list(options.values()))[0]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        return self._random.sample(list(options), count)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def sign(self) -> int:
        return self._random.choice((-1, 1))

    def seed(self) -> int:
        return self._random.randrange(2**31)
