"""JPEG files, walked segment by segment."""

import time

import pytest
from PIL import Image

from shared.contracts.errors import BadImage
from shared.contracts.images import decode_photo
from shared.contracts.picture_files.jpeg import MAX_SCANS, read_jpeg
from shared.contracts.picture_files.limits import MAX_PARTS
from shared.contracts.picture_files.reading import read_picture_file
from tests.fakes.picture_files import (
    claiming,
    exif,
    exif_bomb,
    many_scans,
    phone_photo,
    saved,
    segment,
    with_segments,
)

PLAIN = saved(Image.new("RGB", (64, 48), (200, 100, 50)), "JPEG", quality=95)


def refusal(data: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        read_picture_file(data)
    return caught.value.reason


def red_of(data: bytes) -> int:
    return int(decode_photo(data).rgb[5, 5, 0])


def test_an_ordinary_photo_is_kept_whole() -> None:
    file = read_jpeg(PLAIN)
    assert (file.format, file.size, file.orientation, file.profile) == ("JPEG", (64, 48), 1, None)
    assert file.data == PLAIN


def test_as_many_scans_as_are_allowed_pass_and_one_more_does_not() -> None:
    assert read_jpeg(many_scans(MAX_SCANS)).size == (64, 64)
    assert refusal(many_scans(MAX_SCANS + 1)) == "image_too_many_scans"


def test_a_million_scans_are_refused_at_once() -> None:
    data = many_scans(1_000_000)
    assert len(data) > 10_000_000
    began = time.process_time()
    assert refusal(data) == "image_too_many_scans"
    assert time.process_time() - began < 2.0


def test_scans_inside_an_exif_thumbnail_are_not_counted() -> None:
    thumbnail = segment(0xE1, b"Exif\0\0" + many_scans(200)[:60_000])
    assert red_of(with_segments(PLAIN, thumbnail)) == 200


def test_a_few_bytes_that_claim_49_megapixels_are_refused_and_a_white_picture_that_large_is_not() -> None:
    assert refusal(claiming((7000, 7000), PLAIN)) == "image_broken"
    white = saved(Image.new("L", (7000, 7000), 255), "JPEG", quality=1, optimize=True, progressive=True)
    assert read_jpeg(white).size == (7000, 7000)


def test_a_header_that_claims_more_than_is_taken_is_refused() -> None:
    assert refusal(claiming((20_000, 10_000), PLAIN)) == "image_too_large"
    assert refusal(claiming((20, 10), PLAIN)) == "image_too_small"


@pytest.mark.parametrize("length", [2, 3, 4, 20, 300, len(PLAIN) - 2, len(PLAIN) - 1])
def test_a_file_that_ends_too_early_is_broken(length: int) -> None:
    assert refusal(PLAIN[:length]) == "image_broken"


def test_two_headers_in_one_file_are_broken() -> None:
    at = PLAIN.index(b"\xff\xc0")
    assert refusal(PLAIN[:at] + PLAIN[at : at + 19] * 2 + PLAIN[at + 19 :]) == "image_broken"


@pytest.mark.parametrize("code", [0xC3, 0xC9, 0xCA])
def test_rare_codings_are_refused_by_name(code: int) -> None:
    assert refusal(PLAIN.replace(b"\xff\xc0", bytes((0xFF, code)), 1)) == "image_unsupported"


def test_a_phones_second_picture_is_left_out() -> None:
    data = phone_photo()
    file = read_jpeg(data)
    assert len(file.data) < len(data) and b"MPF" not in file.data and file.data.count(b"\xff\xd9") == 1


def test_what_follows_the_picture_is_left_out() -> None:
    assert read_jpeg(PLAIN + b"<script>alert(1)</script>").data == PLAIN


def test_metadata_that_would_cost_hundreds_of_megabytes_is_not_read() -> None:
    data = with_segments(PLAIN, segment(0xE1, b"Exif\0\0" + exif_bomb()))
    began = time.process_time()
    assert red_of(data) == 200
    assert time.process_time() - began < 2.0


def test_a_picture_of_endless_little_segments_is_refused_at_once() -> None:
    data = with_segments(PLAIN, segment(0xFE, b"") * 5_000_000)
    began = time.process_time()
    assert refusal(data) == "image_broken"
    assert time.process_time() - began < 2.0
    assert red_of(with_segments(PLAIN, segment(0xFE, b"") * (MAX_PARTS // 2))) == 200


@pytest.mark.parametrize("filler", [b"\xff" * 20_000_000, b"\xff\x01" * 10_000, b"\x00" * 20_000_000])
def test_filler_between_segments_costs_no_time(filler: bytes) -> None:
    began = time.process_time()
    assert red_of(with_segments(PLAIN, filler)) == 200
    assert time.process_time() - began < 2.0


def test_the_exif_and_the_profile_are_read_beside_the_pixels() -> None:
    profile = bytes(range(256)) * 300  # more than one segment holds
    data = saved(Image.new("RGB", (64, 48)), "JPEG", icc_profile=profile)
    file = read_jpeg(with_segments(data, segment(0xE1, b"Exif\0\0" + exif(6))))
    assert (file.orientation, file.profile) == (6, profile)


def test_an_empty_profile_is_none() -> None:
    assert read_jpeg(with_segments(PLAIN, segment(0xE2, b"ICC_PROFILE\0\1\1"))).profile is None
