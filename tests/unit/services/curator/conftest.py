"""Photos drawn on the spot, the events about them, and a curator over a catalogue in memory."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from services.curator.books import Catalogue
from services.curator.core import CurateSamples, RecordReview, WithdrawProduct
from services.curator.curator import Curator
from services.curator.datasets.release import ReleaseDatasets
from services.curator.datasets.selection import Liked
from services.curator.engagement import RecordEngagement
from services.curator.taste.empty_scenes import EmptyScenes
from services.curator.taste.style_book import StyleBook
from services.curator.taste.styles import MineStyles
from shared.contracts.blobs import BlobRef, digest, image_key, mask_key
from shared.contracts.events import Caption, ProductCaptioned, ProductFacts, Segmentation
from shared.contracts.images import Pixels, encode_image
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue

SIDE = 320


def scene(seed: int = 0) -> Pixels:
    """A sharp picture (SIDE, SIDE, 3) that has a surface, a backdrop and a product; every seed another one."""
    return _drawn(seed).copy()


@cache
def _drawn(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 215, (6, 6, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    picture += rng.integers(-25, 26, picture.shape, dtype=np.int16)
    cv2.rectangle(picture, (120, 100), (200, 240), [int(v) for v in rng.integers(0, 256, 3)], -1)
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)


def product_mask() -> Pixels:
    """The product of `scene`."""
    mask = np.zeros((SIDE, SIDE), dtype=np.uint8)
    mask[100:241, 120:201] = 255
    return mask


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def catalogue() -> MemoryCatalogue:
    return MemoryCatalogue()


@pytest.fixture
def curator(blobs: MemoryBlobs, catalogue: MemoryCatalogue) -> Curator:
    return curator_over(catalogue, blobs)


def curator_over(catalogue: Catalogue, blobs: MemoryBlobs) -> Curator:
    """A curator who finds three new products worth a release."""
    return Curator(
        catalogue=catalogue,
        curate=CurateSamples(catalogue=catalogue, blobs=blobs),
        engage=RecordEngagement(catalogue, blobs, clock=lambda: datetime(2026, 3, 2, tzinfo=UTC)),
        review=RecordReview(catalogue),
        withdraw=WithdrawProduct(catalogue, blobs),
        releases=ReleaseDatasets(
            catalogue=catalogue,
            blobs=blobs,
            every=3,
            liked=Liked(min_impressions=10, top_share=0.5),
            clock=lambda: datetime(2026, 3, 1, tzinfo=UTC),
        ),
        book=StyleBook(EmptyScenes(blobs)),
        mine=MineStyles(min_pictures=1),
    )


@pytest.fixture
def captioned(blobs: MemoryBlobs) -> Callable[..., ProductCaptioned]:
    """An event about a photo that is in the blob store."""

    def make(product_id: str, picture: Pixels | None = None, **facts: Any) -> ProductCaptioned:
        pixels = scene(int(digest(product_id.encode())[:8], 16)) if picture is None else picture
        image = put(blobs, pixels, image_key)
        mask = put(blobs, product_mask(), lambda sha256, _: mask_key(image.sha256, "test-1", sha256))
        return ProductCaptioned(
            product_id=product_id,
            image=image,
            facts=ProductFacts(**({"title": "a mug", "may_train": True, "promoted": True} | facts)),
            segmentation=Segmentation(mask=mask, confidence=0.95, backdrop="scene", area=0.11, segmenter="test 1"),
            caption=Caption(
                product_short="mug",
                product_long="a white mug",
                background_short="wooden table, brick wall",
                background_long="on a wooden table with a brick wall",
                captioner="test 1",
            ),
        )

    return make


@cache
def _png_of(pixels: bytes, shape: tuple[int, ...]) -> bytes:
    """The same pictures are put again and again, and encoding them was half of these tests' work."""
    return encode_image(np.frombuffer(pixels, np.uint8).reshape(shape))


def put(blobs: MemoryBlobs, pixels: Pixels, key: Callable[[str, str], str]) -> BlobRef:
    data = _png_of(pixels.tobytes(), pixels.shape)
    ref = blobs.put(key(digest(data), "png"), data, "image/png")
    return ref.model_copy(update={"width": pixels.shape[1], "height": pixels.shape[0]})
