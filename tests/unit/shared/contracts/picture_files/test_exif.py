"""Which side is up, read from hostile bytes."""

import struct

import pytest

from shared.contracts.picture_files.exif import orientation_of
from tests.fakes.picture_files import exif, exif_bomb


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_found_in_either_byte_order(order: str, orientation: int) -> None:
    assert orientation_of(exif(orientation, order)) == orientation


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MM",
        b"MM\0*\xff\xff\xff\xff",
        exif(0),
        exif(9),
        exif(6)[:-8],
        exif_bomb(),
        b"text " * 30,
        b"II*\0" + struct.pack("<IH", 8, 65535),
    ],
    ids=["nothing", "a mark", "an offset outside", "0", "9", "cut off", "no such entry", "text", "no entries"],
)
def test_what_says_nothing_leaves_the_picture_as_it_is(data: bytes) -> None:
    assert orientation_of(data) == 1
