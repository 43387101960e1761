"""Which keys an event may name as an image, and how much is read there."""

import pytest

from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.picture_files.limits import MAX_BYTES
from shared.contracts.sources import read_source
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher

NOWHERE = FakeImageFetcher()


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.mark.parametrize("key", ["images/ab12.jpg", "images/merchant/mug-mask.png", "uploads/shop 1/Mugs..blue.png"])
def test_submitted_images_may_be_named(blobs: MemoryBlobs, key: str) -> None:
    blobs.put(key, b"photo", "image/png")
    assert read_source(blobs, NOWHERE, key=key, url=None) == b"photo"


def test_a_url_is_fetched_and_the_store_left_alone(blobs: MemoryBlobs) -> None:
    web = FakeImageFetcher({"https://shop.example/mug.png": b"mug"})
    assert read_source(blobs, web, key=None, url="https://shop.example/mug.png") == b"mug"


def refusal(blobs: MemoryBlobs, key: str) -> str:
    with pytest.raises(BadRequest) as caught:
        read_source(blobs, NOWHERE, key=key, url=None)
    assert "images/ or uploads/" in caught.value.message
    return caught.value.reason


@pytest.mark.parametrize(
    "key",
    [
        "products/mug/segmented-1.json",
        "models/mini-inpainter/1/unet.safetensors",
        "jobs/1/request.json",
        "masks/a/b.png",
        "backgrounds/r-1/0.png",
        "datasets/product/1/manifest.json",
        "imagesx/a.png",
        "images",
        "a.png",
    ],
)
def test_other_keys_are_refused_in_words_though_something_is_there(blobs: MemoryBlobs, key: str) -> None:
    blobs.put(key, b"a secret", "application/json")
    assert refusal(blobs, key) == "key_not_allowed"


@pytest.mark.parametrize(
    "key",
    ["images/", "images//a.png", "images/../products/a.json", "uploads/./a", "/images/a.png", "../images/a.png", ""],
)
def test_keys_that_climb_or_name_no_file_are_refused(blobs: MemoryBlobs, key: str) -> None:
    assert refusal(blobs, key) == "key_not_allowed"


def test_a_heavy_object_is_refused_unread(blobs: MemoryBlobs) -> None:
    blobs.put("uploads/film.mp4", bytes(MAX_BYTES + 1), "video/mp4")
    with pytest.raises(BadRequest) as caught:
        read_source(blobs, NOWHERE, key="uploads/film.mp4", url=None)
    assert caught.value.reason == "blob_too_heavy"


def test_a_key_with_nothing_behind_it_is_not_known(blobs: MemoryBlobs) -> None:
    with pytest.raises(NotKnown):
        read_source(blobs, NOWHERE, key="uploads/nothing.png", url=None)
