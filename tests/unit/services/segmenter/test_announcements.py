"""What is announced of a photo and its mask: sizes, backdrop, sides that it touches, confidence, and the time."""

import time

import numpy as np
import pytest

from services.segmenter.core import SegmentProduct
from shared.contracts.blobs import BlobRef, digest, fetch, mask_key
from shared.contracts.events import ImageSource, ProductSegmented, ProductSubmitted
from shared.contracts.images import Pixels, decode_mask, encode_image
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.studio import SIDE, blank, disc, with_product

RED = (200, 30, 40)


class CountingBlobs(MemoryBlobs):
    """Remembers which keys were written over."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def put(self, key: str, data: bytes, content_type: str) -> BlobRef:
        """Store `data`, and count it."""
        self.written.append(key)
        return super().put(key, data, content_type)


def announced(
    rgb: Pixels, mask: Pixels | None = None, *, least_confidence: float = 0.35, blobs: MemoryBlobs | None = None
) -> ProductSegmented:
    """The answer about a photo (RGB or RGBA), with the merchant's mask where one is given."""
    blobs = MemoryBlobs() if blobs is None else blobs
    blobs.stored["uploads/photo.png"] = (encode_image(rgb), "image/png")
    if mask is not None:
        blobs.stored["uploads/mask.png"] = (encode_image(mask), "image/png")
    event = ProductSubmitted(
        product_id="p1",
        image=ImageSource(key="uploads/photo.png"),
        mask=None if mask is None else ImageSource(key="uploads/mask.png"),
    )
    return SegmentProduct(FakeSegmenter(), FakeImageFetcher(), blobs, least_confidence)(event)


def street(height: int = SIDE, width: int = SIDE) -> Pixels:
    """A ground of large spots in all colours: no studio."""
    spots = np.random.default_rng(0).integers(0, 255, (height // 16, width // 16, 3), dtype=np.uint8)
    return np.kron(spots, np.ones((16, 16, 1), np.uint8))


def block(height: int, width: int, rows: slice, columns: slice) -> Pixels:
    mask = np.zeros((height, width), np.uint8)
    mask[rows, columns] = 255
    return mask


def test_an_upright_photo_is_announced_with_its_width_and_its_height() -> None:
    answer = announced(np.full((300, 200, 3), 255, np.uint8), block(300, 200, slice(100, 200), slice(50, 150)))
    assert (answer.image.width, answer.image.height) == (200, 300)
    assert answer.segmentation.mask is not None
    assert (answer.segmentation.mask.width, answer.segmentation.mask.height) == (200, 300)


@pytest.mark.parametrize("who", ["merchant", "alpha", "fake-1.r2"])
def test_a_mask_lies_in_the_folder_of_its_photo_whoever_made_it(who: str) -> None:
    photo, blobs = with_product(blank(), disc(), RED), MemoryBlobs()
    rgba = np.dstack([photo, disc()]) if who == "alpha" else photo
    answer = announced(rgba, disc() if who == "merchant" else None, blobs=blobs)
    mask = answer.segmentation.mask
    assert mask is not None
    assert mask.key == mask_key(answer.image.sha256, who, digest(fetch(blobs, mask)))


@pytest.mark.parametrize(("ground", "backdrop"), [(blank(), "plain"), (street(), "scene")])
def test_the_backdrop_behind_a_merchants_mask_is_looked_at(ground: Pixels, backdrop: str) -> None:
    answer = announced(with_product(ground, disc(), RED), disc()).segmentation
    assert (answer.backdrop, answer.refusal) == (backdrop, None)


def test_colours_that_an_alpha_channel_hides_are_no_scene() -> None:
    answer = announced(np.dstack([with_product(street(), disc(), RED), disc()])).segmentation
    assert (answer.segmenter, answer.backdrop) == ("alpha", "plain")


@pytest.mark.parametrize(("alpha", "who"), [(127, "alpha"), (128, "fake-1.r2")])
def test_an_alpha_channel_covers_where_it_is_at_least_half_opaque(alpha: int, who: str) -> None:
    rgba = np.dstack([with_product(blank(), disc(), RED), np.full((SIDE, SIDE), alpha, np.uint8)])
    assert announced(rgba).segmentation.segmenter == who


@pytest.mark.parametrize(("rows", "who"), [(98, "alpha"), (99, "fake-1.r2")])
def test_an_alpha_channel_cuts_out_when_it_leaves_two_rows_of_a_hundred(rows: int, who: str) -> None:
    photo = with_product(blank(side=100), disc((50, 50), 20, 100), RED)
    answer = announced(np.dstack([photo, block(100, 100, slice(rows), slice(None))])).segmentation
    assert answer.segmenter == who


def test_a_refused_photo_is_announced_with_how_sure_the_segmenter_was_and_with_its_backdrop() -> None:
    sure = announced(with_product(street(), disc(), RED)).segmentation.confidence
    answer = announced(with_product(street(), disc(), RED), least_confidence=1.01).segmentation
    assert (answer.mask, answer.refusal, answer.backdrop) == (None, "low_confidence", "scene")
    assert answer.confidence == sure > 0.0


def test_the_sides_that_a_product_touches_are_named() -> None:
    answer = announced(blank(), block(SIDE, SIDE, slice(100, SIDE), slice(0, 100))).segmentation
    assert answer.border_contact == ("left", "bottom")
    assert answer.area == pytest.approx(220 * 100 / (SIDE * SIDE))


@pytest.mark.parametrize(("side", "touched"), [(250, ("left",)), (251, ())])
def test_a_single_pixel_at_the_edge_counts_from_four_thousandths_of_the_side(
    side: int, touched: tuple[str, ...]
) -> None:
    mask = block(side, side, slice(100, 150), slice(50, 150))
    mask[120, :50] = 255
    assert announced(blank(side=side), mask).segmentation.border_contact == touched


def test_bytes_that_are_known_are_not_written_again() -> None:
    blobs = CountingBlobs()
    first = announced(blank(), disc(), blobs=blobs)
    again = announced(blank(), disc(radius=50), blobs=blobs)
    assert first.image == again.image and blobs.written.count(first.image.key) == 1


def test_a_photo_without_a_number_gets_the_milliseconds_since_1970() -> None:
    before = time.time() * 1000
    revision = announced(blank(), disc()).revision
    assert before - 1 <= revision <= time.time() * 1000


def test_a_mask_of_greys_is_cut_at_half() -> None:
    grey, blobs = np.where(disc() > 0, 128, 127).astype(np.uint8), MemoryBlobs()
    mask = announced(blank(), grey, blobs=blobs).segmentation.mask
    assert mask is not None and np.array_equal(decode_mask(blobs.get(mask.key), (SIDE, SIDE)), disc())
