"""The keys of a catalogue in ranges, so that a release reads it piece by piece."""

from collections.abc import Iterator
from dataclasses import dataclass

KEYS = 16**20  # how many keys there could be


@dataclass(frozen=True)
class KeyRange:
    """The keys that come after one, and up to another (None: all)."""

    after: str = ""
    upto: str | None = None

    def __contains__(self, key: str) -> bool:
        """Whether a key lies in it."""
        return key > self.after and (self.upto is None or key <= self.upto)


EVERY_KEY = KeyRange()


def key_ranges(count: int) -> Iterator[KeyRange]:
    """All keys in so many ranges of one width, in their order."""
    after = ""
    for number in range(1, count):
        upto = f"{KEYS * number // count:020x}"
        yield KeyRange(after, upto)
        after = upto
    yield KeyRange(after)
