"""Parts of perceptual hashes, by which look-alikes are found without comparing all."""

from services.curator.store.hashing import joined, probes, quarters

PHASH = 0x1234_5678_9ABC_DEF0


def test_a_hash_is_its_four_quarters() -> None:
    assert quarters(PHASH) == (0xDEF0, 0x9ABC, 0x5678, 0x1234)
    assert joined(quarters(PHASH)) == PHASH


def test_a_quarter_is_looked_up_with_all_that_differ_in_one_bit() -> None:
    found = probes(0b101)
    assert len(found) == len(set(found)) == 17
    assert {0b101, 0b100, 0b111, 0b001, 0b101 | 1 << 15} <= set(found)
