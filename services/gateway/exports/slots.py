"""The usual sizes of ads. Pure."""

from dataclasses import dataclass
from math import gcd

from shared.contracts.errors import BadRequest


@dataclass(frozen=True)
class Slot:
    """A size in pixels."""

    name: str
    width: int
    height: int

    @property
    def aspect(self) -> str:
        """Width:height in lowest terms."""
        divisor = gcd(self.width, self.height)
        return f"{self.width // divisor}:{self.height // divisor}"


SLOTS = (
    Slot("square", 1080, 1080),
    Slot("portrait", 1080, 1350),
    Slot("pin", 1000, 1500),
    Slot("story", 1080, 1920),
    Slot("landscape", 1200, 628),
    Slot("wide", 1920, 1080),
)


def slot_named(name: str) -> Slot:
    """The slot of that name. Raises BadRequest."""
    for slot in SLOTS:
        if slot.name == name:
            return slot
    raise BadRequest("slot_unknown", f"there is no slot called so; there are {', '.join(one.name for one in SLOTS)}")
