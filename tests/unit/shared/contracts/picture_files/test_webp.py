"""WebP files, walked chunk by chunk."""

import struct
import time

import pytest
from PIL import Image

from shared.contracts.errors import BadImage
from shared.contracts.images import decode_photo
from shared.contracts.picture_files.reading import read_picture_file
from shared.contracts.picture_files.webp import read_webp
from tests.fakes import profiles
from tests.fakes.picture_files import exif, exif_bomb, saved

PHOTO = Image.new("RGB", (64, 48), (200, 100, 50))


def refusal(data: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        read_picture_file(data)
    return caught.value.reason


def with_riff_chunks(data: bytes, extra: bytes) -> bytes:
    body = data[12:] + extra
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


@pytest.mark.parametrize(
    "how", [{"lossless": True}, {"quality": 80}, {"quality": 80, "exif": exif(1)}], ids=["VP8L", "VP8", "VP8X"]
)
def test_the_size_is_read_from_every_kind_of_file(how: dict[str, object]) -> None:
    data = saved(PHOTO, "WEBP", **how)
    assert (read_webp(data).format, read_webp(data).size) == ("WEBP", (64, 48))
    assert abs(int(decode_photo(data).rgb[5, 5, 0]) - 200) <= 3


def test_more_pixels_than_are_taken_are_refused_before_any_memory_is_claimed() -> None:
    data = bytearray(saved(PHOTO, "WEBP", lossless=True, exif=exif(1)))
    data[24:30] = struct.pack("<I", 16_000)[:3] + struct.pack("<I", 16_000)[:3]
    assert refusal(bytes(data)) == "image_too_large"


def test_an_animation_is_refused_and_a_single_frame_of_one_is_not() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    assert refusal(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])) == "image_animated"


@pytest.mark.parametrize("length", [12, 16, 24, 40])
def test_a_file_that_ends_too_early_is_broken(length: int) -> None:
    data = saved(PHOTO, "WEBP", lossless=True)
    assert refusal(data[: min(length, len(data) - 1)]) == "image_broken"


def test_a_file_without_a_picture_is_broken() -> None:
    assert refusal(b"RIFF" + struct.pack("<I", 4) + b"WEBP") == "image_broken"


def test_a_picture_of_endless_little_chunks_is_refused_at_once() -> None:
    data = with_riff_chunks(saved(PHOTO, "WEBP", lossless=True), b"abcd\0\0\0\0" * 3_000_000)
    began = time.process_time()
    assert refusal(data) == "image_broken"
    assert time.process_time() - began < 2.0


def test_swollen_metadata_costs_nothing() -> None:
    data = saved(PHOTO, "WEBP", lossless=True, exif=exif_bomb(), xmp=b"x" * 1_000_000)
    began = time.process_time()
    assert decode_photo(data).rgb[5, 5].tolist() == [200, 100, 50]
    assert time.process_time() - began < 2.0


def test_the_exif_and_the_profile_are_read_beside_the_pixels() -> None:
    for mark in (b"", b"Exif\0\0"):
        data = saved(PHOTO, "WEBP", lossless=True, exif=mark + exif(3, "<"), icc_profile=profiles.display_p3())
        file = read_webp(data)
        assert (file.orientation, file.profile) == (3, profiles.display_p3())


def test_pixels_that_cannot_be_decoded_are_broken() -> None:
    data = bytearray(saved(Image.effect_noise((64, 64), 80).convert("RGB"), "WEBP", lossless=True))
    data[25:] = b"\xff" * (len(data) - 25)
    with pytest.raises(BadImage) as caught:
        decode_photo(bytes(data))
    assert caught.value.reason == "image_broken"
