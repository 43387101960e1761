"""How long a silence may be before it means that no answer will come. Pure."""

from dataclasses import dataclass

LEAST_S, MOST_S = 120.0, 600.0
TIMES = 10.0


@dataclass
class SilenceLimit:
    """Ten times the longest pause between two messages so far, within 2 and 10 minutes.

    A step that takes long on this machine (a picture, a tenth of a training) says so by its first messages, so a slow
    machine gets more time and a quick one ends soon. `always_s` stands for all of it when it is given.
    """

    always_s: float | None = None
    longest_s: float = 0.0

    def heard_after(self, seconds: float) -> None:
        """A message came after a pause."""
        self.longest_s = max(self.longest_s, seconds)

    @property
    def limit_s(self) -> float:
        """The silence that is too long now."""
        if self.always_s is not None:
            return self.always_s
        return min(max(LEAST_S, TIMES * self.longest_s), MOST_S)
