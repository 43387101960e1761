"""What is the same work and what is new work, told by the manifests that lie under a product."""

import re
from typing import Any

import numpy as np
import pytest

from services.segmenter.core import SegmentProduct
from shared.contracts.blobs import digest
from shared.contracts.events import ImageSource, ProductFacts, ProductSubmitted, Scene
from shared.contracts.images import Pixels, encode_image
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.studio import SIDE, blank, disc, with_product

PHOTO = encode_image(with_product(blank(), disc(), (200, 30, 40)))
MASK = encode_image(disc())
URL = "https://shop.example/p.png"


@pytest.fixture
def blobs() -> MemoryBlobs:
    blobs = MemoryBlobs()
    for key, data in (("a", PHOTO), ("b", PHOTO), ("mask-a", MASK), ("mask-b", MASK)):
        blobs.put(f"uploads/{key}", data, "image/png")
    return blobs


def works(blobs: MemoryBlobs, event: ProductSubmitted, **how: Any) -> set[str]:
    """The manifests of the product after one more event."""
    fetcher = FakeImageFetcher({URL: PHOTO, f"{URL}?2": PHOTO})
    SegmentProduct(how.pop("segmenter", FakeSegmenter()), fetcher, blobs, **how)(event)
    return {key.removeprefix("products/p1/") for key in blobs.keys("products/p1/")}


def submitted(image: str = "a", mask: str | None = None, **fields: Any) -> ProductSubmitted:
    return ProductSubmitted(
        product_id="p1",
        image=ImageSource(key=f"uploads/{image}"),
        mask=ImageSource(key=f"uploads/{mask}") if mask else None,
        **fields,
    )


def test_a_manifest_names_the_photo_and_what_was_asked_of_it(blobs: MemoryBlobs) -> None:
    (key,) = works(blobs, submitted())
    assert re.fullmatch(rf"segmented-{digest(PHOTO)[:16]}-[0-9a-f]{{16}}\.json", key)
    data, content_type = blobs.stored[f"products/p1/{key}"]
    assert data.startswith(b"{") and content_type == "application/json"


def test_the_same_bytes_at_another_key_are_the_same_work(blobs: MemoryBlobs) -> None:
    first = works(blobs, submitted("a", "mask-a"))
    assert len(first) == 1
    assert works(blobs, submitted("b", "mask-b")) == first
    assert works(blobs, submitted("a", "mask-a", revision=7)) == first


@pytest.mark.parametrize(
    "other",
    [
        submitted("a", "mask-a"),
        submitted(scenes=(Scene(prompt="on sand"),)),
        submitted(facts=ProductFacts(title="a cup")),
    ],
    ids=["a mask", "a scene", "a fact"],
)
def test_another_wish_on_the_same_photo_is_new_work(blobs: MemoryBlobs, other: ProductSubmitted) -> None:
    assert len(works(blobs, submitted())) == 1
    assert len(works(blobs, other)) == 2


def test_another_model_and_another_threshold_are_new_work(blobs: MemoryBlobs) -> None:
    works(blobs, submitted())
    works(blobs, submitted(), segmenter=FakeSegmenter("fake-2"))
    assert len(works(blobs, submitted(), least_confidence=0.36)) == 3


def test_an_event_with_an_address_has_a_manifest_of_its_own_besides_that_of_the_bytes(blobs: MemoryBlobs) -> None:
    event = ProductSubmitted(product_id="p1", image=ImageSource(url=URL))
    keys = works(blobs, event)
    submission, bytes_ = sorted(keys, reverse=True)
    assert re.fullmatch(r"submitted-[0-9a-f]{32}\.json", submission) and bytes_.startswith("segmented-")
    assert blobs.stored[f"products/p1/{submission}"][1] == "application/json"
    assert works(blobs, event) == keys
    numbered = event.model_copy(update={"revision": 3})
    assert len(works(blobs, numbered)) == 3, "a new number looks again"
    elsewhere = event.model_copy(update={"image": ImageSource(url=f"{URL}?2")})
    assert len(works(blobs, elsewhere)) == 4


def test_two_products_with_one_photo_are_known_by_one_wish(blobs: MemoryBlobs) -> None:
    (mine,) = works(blobs, submitted())
    SegmentProduct(FakeSegmenter(), FakeImageFetcher(), blobs)(submitted().model_copy(update={"product_id": "p2"}))
    assert list(blobs.keys("products/p2/")) == [f"products/p2/{mine}"]


def test_two_products_at_one_address_are_known_by_one_wish(blobs: MemoryBlobs) -> None:
    event = ProductSubmitted(product_id="p1", image=ImageSource(url=URL))
    mine = works(blobs, event)
    fetcher = FakeImageFetcher({URL: PHOTO})
    SegmentProduct(FakeSegmenter(), fetcher, blobs)(event.model_copy(update={"product_id": "p2"}))
    assert {key.removeprefix("products/p2/") for key in blobs.keys("products/p2/")} == mine


def test_a_mask_without_a_product_is_refused_in_words_and_stored_nowhere(blobs: MemoryBlobs) -> None:
    empty: Pixels = np.zeros((SIDE, SIDE), np.uint8)
    blobs.put("uploads/empty", encode_image(empty), "image/png")
    works(blobs, submitted("a", "empty"))
    assert list(blobs.keys("masks/")) == []
