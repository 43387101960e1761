"""Packing: the same samples give the same bytes, in shards of a bounded size."""

import numpy as np

from services.curator.datasets.shards import Member, fitted, shards, tar


def test_the_same_samples_give_the_same_bytes_in_whatever_order_their_files_are_told() -> None:
    one = Member("a", {"jpg": b"picture", "mask.png": b"mask", "json": b"{}"})
    other = Member("a", {"json": b"{}", "mask.png": b"mask", "jpg": b"picture"})
    assert tar([one]) == tar([other]) != tar([Member("b", one.files)])
    assert one.size == 13


def test_a_shard_is_closed_before_it_grows_over_its_limit() -> None:
    members = [Member(name, {"jpg": bytes(40)}) for name in "abcde"]
    assert [shard.samples for shard in shards(members, limit=100)] == [2, 2, 1]
    assert [shard.samples for shard in shards(members, limit=1)] == [1] * 5
    assert list(shards([])) == []


def test_pictures_are_made_smaller_but_never_larger_and_masks_stay_binary() -> None:
    mask = np.zeros((100, 50), np.uint8)
    mask[:, 20:] = 255
    small = fitted(mask, 25)
    assert small.shape == (25, 12) and set(np.unique(small)) == {0, 255}
    assert fitted(np.zeros((100, 50, 3), np.uint8), 25).shape == (25, 12, 3)
    assert fitted(mask, 100) is mask
