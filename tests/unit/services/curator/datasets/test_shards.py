"""Packing: the same samples give the same bytes, in shards of a bounded size."""

import numpy as np

from services.curator.datasets.packing import cut
from services.curator.datasets.shards import Member, fitted, tar


def test_the_same_samples_give_the_same_bytes_in_whatever_order_their_files_are_told() -> None:
    one = Member("a", {"jpg": b"picture", "mask.png": b"mask", "json": b"{}"})
    other = Member("a", {"json": b"{}", "mask.png": b"mask", "jpg": b"picture"})
    assert tar([one]) == tar([other]) != tar([Member("b", one.files)])
    assert one.size == 13


def test_a_shard_is_closed_before_it_grows_over_its_limit() -> None:
    made = [("first", [40, 40, 40]), ("none", []), ("last", [40, 40])]
    assert list(cut(made, 100)) == [
        [("first", 0, 2)],
        [("first", 2, 3), ("last", 0, 1)],
        [("last", 1, 2)],
    ]
    assert [past - first for pieces in cut(made, 1) for _, first, past in pieces] == [1] * 5
    assert list(cut([("first", [])], 100)) == []


def test_pictures_are_made_smaller_but_never_larger_and_masks_stay_binary() -> None:
    mask = np.zeros((100, 50), np.uint8)
    mask[:, 20:] = 255
    small = fitted(mask, 25)
    assert small.shape == (25, 12) and set(np.unique(small)) == {0, 255}
    assert fitted(np.zeros((100, 50, 3), np.uint8), 25).shape == (25, 12, 3)
    assert fitted(mask, 100) is mask
