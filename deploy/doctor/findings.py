"""What a check found, as a value: whose it is, what is wrong in words, and the way out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """`part` is well when `trouble` is None; `said` tells what was seen, `remedy` what to do."""

    part: str
    said: str = ""
    trouble: str | None = None
    remedy: str = ""

    @property
    def well(self) -> bool:
        """Nothing is wrong here."""
        return self.trouble is None


Check = Callable[[], Iterator[Diagnosis]]
"""One part of the installation, asked once. Whatever it raises is a finding, too."""


def examine(part: str, check: Check) -> Iterator[Diagnosis]:
    """Every finding of a check; one that breaks off says so in the end."""
    try:
        yield from check()
    except Exception as error:
        words = str(error).strip().splitlines()
        yield Diagnosis(
            part, trouble=f"{type(error).__name__}: {words[0] if words else 'without words'}", remedy=UNFORESEEN
        )


UNFORESEEN = "nothing here foresees that; the words before say what broke"
