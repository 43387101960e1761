"""Whatever bytes are submitted as a photo: each is answered by name, and the message behind it is served."""

import struct
import time

import numpy as np
import pytest
from PIL import Image
from prometheus_client import CollectorRegistry

from services.segmenter.core import SegmentProduct
from services.segmenter.handlers import subscribe
from shared.contracts.events import ImageSource, ProductSegmented, ProductSubmitted
from shared.contracts.images import encode_image
from shared.contracts.topics import PRODUCT_SEGMENTED, PRODUCT_SUBMITTED
from shared.runtime.broker import make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes import profiles
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.picture_files import (
    chunk,
    claiming,
    deflate_bomb,
    exif_bomb,
    many_scans,
    png,
    png16,
    saved,
    segment,
    with_chunks,
    with_segments,
)
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.studio import SIDE, blank, disc, with_product

MUG = with_product(blank(), disc(), (200, 30, 30))
PHOTO = Image.fromarray(MUG)
JPEG, PNG = saved(PHOTO, "JPEG"), saved(PHOTO, "PNG")
ANIMATED = {"save_all": True, "append_images": [PHOTO.rotate(90)]}
BOMB = deflate_bomb(50)

REFUSED = {
    "bomb.png": (png((30_000, 30_000), 1, 0, b""), "image_too_large"),
    "claims-49-megapixels.jpg": (claiming((7000, 7000), JPEG), "image_broken"),
    "claims-40-megapixels.png": (png((8000, 5000), 8, 2, b""), "image_broken"),
    "many-scans.jpg": (many_scans(100_000), "image_too_many_scans"),
    "endless-segments.jpg": (with_segments(JPEG, segment(0xFE, b"") * 1_000_000), "image_broken"),
    "cut-off.jpg": (JPEG[: len(JPEG) // 2], "image_broken"),
    "cut-off.png": (PNG[: len(PNG) // 2], "image_broken"),
    "scrambled.png": (PNG[:60] + bytes(1000) + PNG[1060:], "image_broken"),
    "arithmetic.jpg": (JPEG.replace(b"\xff\xc0", b"\xff\xc9", 1), "image_unsupported"),
    "animated.png": (saved(PHOTO, "PNG", **ANIMATED), "image_animated"),
    "animated.webp": (saved(PHOTO, "WEBP", **ANIMATED), "image_animated"),
    "dot.png": (encode_image(np.zeros((1, 1, 3), np.uint8)), "image_too_small"),
    "tiff.jpg": (saved(PHOTO, "TIFF"), "not_an_image"),
    "gif.png": (saved(PHOTO, "GIF"), "not_an_image"),
    "svg.png": (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "not_an_image"),
    "page.jpg": (b"<html><script>fetch('/')</script></html>\xff\xd8\xff", "not_an_image"),
    "nothing.jpg": (b"", "not_an_image"),
    "huge.webp": (
        b"RIFF"
        + struct.pack("<I", 30)
        + b"WEBPVP8X"
        + struct.pack("<I", 10)
        + b"\0" * 4
        + b"\xff" * 6
        + b"abcd\0\0\0\0",
        "image_too_large",
    ),
}

TAKEN = {
    "phone.jpg": saved(PHOTO, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 32))]),
    "16-bit-grey.png": png16(np.asarray(PHOTO.convert("L")).astype(np.uint16) * 257),
    "16-bit.png": png16(MUG.astype(np.uint16) * 257),
    "press.jpg": saved(PHOTO.convert("CMYK"), "JPEG", icc_profile=profiles.press()),
    "press-without-profile.jpg": saved(PHOTO.convert("CMYK"), "JPEG"),
    "palette.png": saved(PHOTO.convert("P"), "PNG"),
    "display-p3.jpg": saved(PHOTO, "JPEG", icc_profile=profiles.display_p3()),
    "broken-profile.jpg": saved(PHOTO, "JPEG", icc_profile=profiles.display_p3()[:200]),
    "text-bomb.png": with_chunks(PNG, chunk(b"zTXt", b"a\0\0" + BOMB), chunk(b"iCCP", b"a\0\0" + BOMB)),
    "exif-bomb.jpg": with_segments(JPEG, segment(0xE1, b"Exif\0\0" + exif_bomb())),
    "polyglot.jpg": JPEG + b"<script>alert(1)</script>PK\x03\x04",
    "progressive.jpg": saved(PHOTO, "JPEG", progressive=True),
}


@pytest.fixture(scope="module")
def good() -> bytes:
    return encode_image(MUG)


async def answers(
    name: str, data: bytes, good: bytes, *, folder: str = "uploads/"
) -> tuple[list[bytes], list[ProductSegmented]]:
    """Reasons of the dead letters and the answers, after a photo and a good one on the same partition."""
    blobs = MemoryBlobs()
    blobs.put(f"{folder}{name}", data, "image/jpeg")
    blobs.put("uploads/good.png", good, "image/png")
    broker = make_broker(KafkaSettings(), service="segmenter", registry=CollectorRegistry())
    subscribe(broker, SegmentProduct(FakeSegmenter(), FakeImageFetcher(), blobs))
    async with memory_broker(broker) as log:
        for product_id, key in ((name, f"{folder}{name}"), ("good.png", "uploads/good.png")):
            event = ProductSubmitted(product_id=product_id, image=ImageSource(key=key))
            await broker.publish(event, PRODUCT_SUBMITTED.name, key=b"one partition")
        await log.settled()
        letters = [dict(letter.headers)["x-reason"] for letter in log.said(PRODUCT_SUBMITTED.dead)]
        return letters, log.events(PRODUCT_SEGMENTED.name, ProductSegmented)


@pytest.mark.parametrize("name", REFUSED)
async def test_a_hostile_file_is_a_dead_letter_with_its_reason_and_the_next_photo_is_served(
    name: str, good: bytes
) -> None:
    data, reason = REFUSED[name]
    began = time.process_time()
    letters, answered = await answers(name, data, good)
    assert letters == [reason.encode()]
    assert [answer.product_id for answer in answered] == ["good.png"]
    assert answered[0].segmentation.mask is not None
    assert time.process_time() - began < 5.0


@pytest.mark.parametrize("name", TAKEN)
async def test_an_odd_but_honest_file_is_answered_with_its_products_mask(name: str, good: bytes) -> None:
    letters, answered = await answers(name, TAKEN[name], good)
    assert letters == []
    assert [answer.product_id for answer in answered] == [name, "good.png"]
    assert answered[0].segmentation.area == pytest.approx((disc() > 0).mean(), rel=0.05)
    assert (answered[0].image.width, answered[0].image.height) == (SIDE, SIDE)


async def test_keys_outside_the_submitted_images_and_heavy_objects_are_dead_letters_too(good: bytes) -> None:
    letters, answered = await answers("secret.json", b"{}", good, folder="datasets/")
    assert letters == [b"key_not_allowed"] and [answer.product_id for answer in answered] == ["good.png"]
    letters, answered = await answers("film.mp4", bytes(50_000_000), good)
    assert letters == [b"blob_too_heavy"] and [answer.product_id for answer in answered] == ["good.png"]
