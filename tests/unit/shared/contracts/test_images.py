"""Untrusted bytes are decoded under caps, and every refusal says why."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from shared.contracts.errors import BadImage, PromiseBroken
from shared.contracts.images import binary, changed_pixels, decode_mask, decode_output, decode_photo, encode_image


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def png_header_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def refusal(data: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        decode_photo(data)
    return caught.value.reason


def test_a_text_file_is_not_an_image() -> None:
    assert refusal(b"Dear customer, please find attached") == "not_an_image"


def test_a_truncated_jpeg_is_broken() -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    assert refusal(buffer.getvalue()[:3000]) == "image_broken"


def test_a_one_pixel_image_is_too_small() -> None:
    assert refusal(png(np.zeros((1, 1, 3), np.uint8))) == "image_too_small"


def test_200_megapixels_are_refused_before_any_pixel_is_decoded() -> None:
    assert refusal(png_header_claiming(20_000, 10_000)) == "image_too_large"


def test_an_animation_is_refused() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    assert refusal(buffer.getvalue()) == "image_animated"


def test_a_sideways_photo_is_turned_upright() -> None:
    image = Image.new("RGB", (60, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate 90° clockwise to show
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    assert decode_photo(buffer.getvalue()).size == (40, 60)


def test_an_opaque_alpha_channel_says_nothing() -> None:
    rgba = np.full((40, 40, 4), 255, np.uint8)
    assert decode_photo(png(rgba)).alpha is None


def test_a_cut_out_keeps_its_alpha_channel() -> None:
    rgba = np.full((40, 40, 4), 255, np.uint8)
    rgba[:20, :, 3] = 0
    alpha = decode_photo(png(rgba)).alpha
    assert alpha is not None and alpha[0, 0] == 0 and alpha[30, 0] == 255


def test_lossless_formats_return_the_very_pixels() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (50, 70, 3), dtype=np.uint8)
    assert (decode_photo(encode_image(pixels, "png")).rgb == pixels).all()
    assert (decode_photo(encode_image(pixels, "webp")).rgb == pixels).all()


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(BadImage, match="the mask is 40 x 50, the photo 60 x 50"):
        decode_mask(png(np.zeros((50, 40), np.uint8)), (60, 50))


def test_a_mask_holds_only_0_and_255() -> None:
    grey = np.array([[0, 127, 128, 255]], np.uint8)
    assert binary(grey).tolist() == [[0, 0, 255, 255]]


def an_output() -> tuple[np.ndarray, np.ndarray]:
    pixels = np.random.default_rng(3).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    mask = np.zeros((40, 60), np.uint8)
    mask[10:20, 10:20] = 255
    return pixels, mask


@pytest.mark.parametrize("extension", ["png", "webp"])
def test_a_lossless_output_is_stored_without_a_changed_product_pixel(extension: str) -> None:
    pixels, mask = an_output()
    assert changed_pixels(encode_image(pixels, extension), pixels, mask) == 0  # type: ignore[arg-type]


def test_changed_pixels_are_counted_in_the_stored_bytes_and_only_on_the_product() -> None:
    pixels, mask = an_output()
    stored = pixels.copy()
    stored[10, 10:13] ^= 1  # three on the product
    stored[0, 0] ^= 1  # one beside it
    assert changed_pixels(encode_image(stored), pixels, mask) == 3


def test_a_jpeg_output_shows_that_it_is_not_exact() -> None:
    pixels, mask = an_output()
    assert changed_pixels(encode_image(pixels, "jpeg"), pixels, mask) > 0


@pytest.mark.parametrize(("stored", "reason"), [(b"", "output_broken"), (b"PNG", "output_broken")])
def test_stored_bytes_that_are_no_picture_break_the_promise(stored: bytes, reason: str) -> None:
    with pytest.raises(PromiseBroken) as caught:
        decode_output(stored)
    assert caught.value.reason == reason


def test_a_stored_output_of_another_size_breaks_the_promise() -> None:
    pixels, mask = an_output()
    with pytest.raises(PromiseBroken) as caught:
        changed_pixels(encode_image(pixels[:30]), pixels, mask)
    assert caught.value.reason == "output_size"
