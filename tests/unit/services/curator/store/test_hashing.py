"""Parts of perceptual hashes, by which look-alikes are found without comparing all."""

import pytest

from services.curator.store.hashing import joined, near, parts, probes

PHASH = 0x1234_5678_9ABC_DEF0


def test_a_hash_is_its_three_parts() -> None:
    assert parts(PHASH) == (0x3C_DEF0, 0x19_E26A, 0x1234_5678 >> 11)
    assert joined(parts(PHASH)) == PHASH and joined(parts(2**64 - 1)) == 2**64 - 1


@pytest.mark.parametrize(("distance", "flipped", "count"), [(2, 0, 1), (5, 1, 23), (7, 2, 254)])
def test_a_part_is_looked_up_with_all_that_differ_in_a_third_of_the_bits(
    distance: int, flipped: int, count: int
) -> None:
    found = probes([0b101], 0, distance)
    assert len(found) == len(set(found)) == count
    assert all((one ^ 0b101).bit_count() <= flipped for one in found)


@pytest.mark.parametrize("place", range(3))
def test_hashes_of_a_batch_share_what_is_looked_up(place: int) -> None:
    assert set(probes([PHASH, 0], place, 5)) == {*probes([PHASH], place, 5), *probes([0], place, 5)}


def test_pairs_are_near_up_to_the_distance_and_no_further() -> None:
    assert list(near([0, 0xFF], [0b11111, 0b111111, 2**64 - 1], 5)) == [(0, 0), (1, 0), (1, 1)]
    assert list(near([], [1], 5)) == list(near([1], [], 5)) == []
