"""What clicks are answered on, and the sizes of answers."""

import numpy as np
import pytest

from services.gateway.pictures.clicking import KEPT, SmallPhotos, sized
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.errors import DependencyDown
from shared.contracts.images import decode_photo, encode_image
from tests.fakes.blobs import MemoryBlobs

SOFT = np.array([[0, 0, 100, 255]] * 2, np.uint8)


def stored(blobs: MemoryBlobs, width: int, height: int, tone: int = 90) -> BlobRef:
    return blobs.put(f"images/{tone}.png", encode_image(np.full((height, width, 3), tone, np.uint8)), "image/png")


def test_a_photo_is_small_and_its_own_size_and_the_name_of_its_bytes_are_known() -> None:
    blobs = MemoryBlobs()
    small = SmallPhotos(blobs)(stored(blobs, 1920, 1000))
    assert small.size == (1920, 1000) and decode_photo(small.png).size == (960, 500)
    assert small.sha256 == digest(small.png)


def test_a_long_strip_stays_as_large_as_a_photo_must_be() -> None:
    blobs = MemoryBlobs()
    assert decode_photo(SmallPhotos(blobs)(stored(blobs, 3200, 40)).png).size == (3200, 40)


def test_the_last_photos_are_not_read_again_and_those_before_them_are_forgotten() -> None:
    blobs = MemoryBlobs()
    small = SmallPhotos(blobs)
    photos = [stored(blobs, 32, 32, tone) for tone in range(KEPT + 1)]
    made = [small(photo) for photo in photos]
    blobs.down = True
    assert [small(photo) for photo in photos[1:]] == made[1:]
    with pytest.raises(DependencyDown):
        small(photos[0])


def test_an_answer_has_the_photos_size_and_two_values_unless_it_may_be_small_and_soft() -> None:
    large = sized(SOFT, (16, 8), None)
    assert large.shape == (8, 16) and set(np.unique(large)) == {0, 255}
    assert not large[:, :10].any() and (large[:, 12:] == 255).all(), "it begins where 100 of 255 lead to 255"
    assert (sized(SOFT, (16, 8), 960) == SOFT).all()
    assert sized(SOFT, (16, 8), 2).shape == (1, 2)
