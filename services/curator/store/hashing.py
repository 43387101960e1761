"""Finding perceptual hashes that are few bits apart without comparing all of them (multi-index hashing).

A 64-bit hash is kept in three parts. Of two hashes that differ in few bits one part differs in a third of them at most
(Norouzi et al. 2012), so that looking up a part and all that is like it finds them. Three parts, not four: a part is
the longer the fewer there are, and shares its value with fewer strangers (one hash of two million, not of 65,536).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

WIDTHS = (22, 21, 21)
BLOCK = 1 << 22  # distances that are in memory at once


def parts(phash: int) -> tuple[int, int, int]:
    """The three parts of a 64-bit hash, the lowest bits first."""
    return phash & 0x3F_FFFF, phash >> 22 & 0x1F_FFFF, phash >> 43


def joined(three: Sequence[int]) -> int:
    """The hash of its parts."""
    return three[0] | three[1] << 22 | three[2] << 43


@cache
def flips(width: int, most: int) -> NDArray[np.int64]:
    """Every pattern of at most so many bits of a width."""
    places = (bits for count in range(most + 1) for bits in combinations(range(width), count))
    return np.array([sum(1 << bit for bit in bits) for bits in places], dtype=np.int64)


def probes(hashes: Sequence[int], place: int, distance: int) -> list[int]:
    """What to look up in one part to find all hashes within a distance of any of these: 23 values each up to 5 bits."""
    own = np.array(sorted({parts(one)[place] for one in hashes}), dtype=np.int64)
    return [int(one) for one in np.unique(own[:, None] ^ flips(WIDTHS[place], distance // len(WIDTHS))[None])]


def near(hashes: Sequence[int], others: Sequence[int], distance: int) -> Iterator[tuple[int, int]]:
    """The places of all pairs, one of each list, that differ in at most `distance` bits."""
    one, other = np.array(hashes, dtype=np.uint64), np.array(others, dtype=np.uint64)
    rows = max(1, BLOCK // max(1, len(other)))
    for start in range(0, len(one), rows):
        bits = np.bitwise_count(one[start : start + rows, None] ^ other[None])
        yield from ((start + int(row), int(column)) for row, column in np.argwhere(bits <= distance))
