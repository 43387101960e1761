"""Finding perceptual hashes that are few bits apart without comparing all of them (multi-index hashing)."""

QUARTER_BITS = 16
QUARTER = (1 << QUARTER_BITS) - 1


def quarters(phash: int) -> tuple[int, int, int, int]:
    """The four 16-bit parts of a 64-bit hash. Two hashes within 7 bits share at least one part up to one bit."""
    first, second, third, fourth = ((phash >> shift) & QUARTER for shift in (0, 16, 32, 48))
    return first, second, third, fourth


def joined(parts: tuple[int, ...]) -> int:
    """The hash of its parts."""
    return sum(part << (QUARTER_BITS * place) for place, part in enumerate(parts))


def probes(part: int) -> list[int]:
    """A part and all that differ from it in one bit: 17 values to look up."""
    return [part, *(part ^ (1 << bit) for bit in range(QUARTER_BITS))]
