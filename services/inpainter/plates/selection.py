"""Which plate a candidate gets: the best that was not given yet, so that a product's options differ. Pure."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.inpainter.plates.matching import Choice, choices
from services.inpainter.plates.query import Wanted
from shared.contracts.styles import Plate


@dataclass
class Rack:
    """All plates; `choose` keeps count of what it gave, so that a product's options differ."""

    plates: Sequence[Plate]
    given: Counter[str] = field(default_factory=Counter)

    def choose(self, wanted: Wanted, *, seed: int) -> Choice | None:
        """The best choice that was not given yet, ties broken by `seed`; None without any plate of a usable view."""
        dice = random.Random(seed)
        found = [self._with_variety(choice, dice) for choice in choices(self.plates, wanted)]
        if not found:
            return None
        best = max(found, key=lambda pair: pair[0])[1]
        self.given.update([best.name, best.plate.id, best.plate.style])
        return best

    def _with_variety(self, choice: Choice, dice: random.Random) -> tuple[float, Choice]:
        plate = choice.plate
        seen = 0.9 * self.given[choice.name] + 0.5 * self.given[plate.id] + 0.25 * self.given[plate.style]
        return choice.score - seen + 0.4 * dice.random(), choice
