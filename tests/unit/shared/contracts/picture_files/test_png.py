"""PNG files, walked chunk by chunk."""

import time
import zlib

import numpy as np
import pytest
from PIL import Image

from shared.contracts.errors import BadImage
from shared.contracts.images import decode_photo
from shared.contracts.picture_files.limits import MAX_PARTS
from shared.contracts.picture_files.png import read_png
from shared.contracts.picture_files.reading import read_picture_file
from tests.fakes.picture_files import PNG_HEAD, chunk, deflate_bomb, exif, exif_bomb, png, saved, with_chunks

PLAIN = saved(Image.new("RGB", (64, 48), (200, 100, 50)), "PNG")
BOMB = deflate_bomb(80)  # 80 kB that hold 80 MB


def refusal(data: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        read_picture_file(data)
    return caught.value.reason


def red_of(data: bytes) -> int:
    return int(decode_photo(data).rgb[5, 5, 0])


def test_an_ordinary_picture_is_kept_whole() -> None:
    file = read_png(PLAIN)
    assert (file.format, file.size, file.depth, file.orientation, file.profile) == ("PNG", (64, 48), 8, 1, None)
    assert file.data == PLAIN


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"Comment\0\0" + BOMB),
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + BOMB),
        chunk(b"iCCP", b"huge\0\0" + BOMB),
        chunk(b"iCCP", b"broken\0\0no deflate data"),
        chunk(b"iCCP", b"without an end"),
        chunk(b"eXIf", exif_bomb()),
        chunk(b"tEXt", b"Comment\0" + b"x" * 5_000_000),
        chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000))) * 500,
    ],
    ids=["zTXt", "iTXt", "iCCP", "no deflate", "no end", "eXIf", "tEXt", "many"],
)
def test_swollen_texts_and_profiles_cost_nothing_and_the_picture_is_taken(extra: bytes) -> None:
    began = time.process_time()
    assert red_of(with_chunks(PLAIN, extra)) == 200
    assert time.process_time() - began < 2.0


def test_a_picture_of_endless_little_chunks_is_refused_at_once() -> None:
    began = time.process_time()
    assert refusal(with_chunks(PLAIN, chunk(b"IDAT") * 3_000_000)) == "image_broken"
    assert time.process_time() - began < 2.0
    assert red_of(with_chunks(PLAIN, chunk(b"tEXt") * (MAX_PARTS // 2))) == 200


def test_data_far_too_short_for_the_picture_it_claims_is_refused() -> None:
    header = png((7000, 7000), 8, 2, b"")
    assert refusal(header) == "image_broken"
    assert read_png(saved(Image.new("1", (7000, 7000), 1), "PNG", optimize=True)).size == (7000, 7000)


def test_more_pixels_than_are_taken_and_fewer_than_are_needed_are_refused() -> None:
    assert refusal(png((20_000, 10_000), 1, 0, b"")) == "image_too_large"
    assert refusal(png((31, 400), 8, 0, bytes(31 * 400))) == "image_too_small"


def test_rows_beyond_the_picture_are_not_inflated() -> None:
    deflate = zlib.compressobj()
    lines = deflate.compress(b"".join(b"\0" + bytes((200, 100, 50)) * 64 for _ in range(48)))
    lines += deflate.flush(zlib.Z_FULL_FLUSH)
    lines += (deflate.compress(bytes(10_000_000)) + deflate.flush(zlib.Z_FULL_FLUSH)) * 400  # 4 GB when inflated
    data = PLAIN[:33] + chunk(b"IDAT", lines) + chunk(b"IEND")
    began = time.process_time()
    assert red_of(data) == 200
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("length", [8, 12, 20, 30, 40, len(PLAIN) - 12, len(PLAIN) - 1])
def test_a_file_that_ends_too_early_is_broken(length: int) -> None:
    assert refusal(PLAIN[:length]) == "image_broken"


def test_a_header_in_another_place_is_broken() -> None:
    header = PLAIN[8:33]
    assert refusal(with_chunks(PLAIN, header)) == "image_broken"
    assert refusal(PNG_HEAD + chunk(b"tEXt", header[8:21]) + PLAIN[8:]) == "image_broken"


def test_an_animation_is_refused_and_a_single_frame_of_one_is_not() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    assert refusal(saved(frames[0], "PNG", save_all=True, append_images=frames[1:])) == "image_animated"
    assert read_png(with_chunks(PLAIN, chunk(b"acTL", b"\0\0\0\1\0\0\0\0"))).size == (64, 48)


def test_the_exif_and_the_profile_are_read_beside_the_pixels() -> None:
    profile = np.random.default_rng(0).bytes(3000)
    file = read_png(with_chunks(PLAIN, chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)), chunk(b"eXIf", exif(8))))
    assert (file.orientation, file.profile) == (8, profile)


def test_of_many_profiles_the_first_counts_and_no_other_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked, real = list[int](), zlib.decompressobj

    def counted() -> object:
        unpacked.append(1)
        return real()

    monkeypatch.setattr(zlib, "decompressobj", counted)
    profile = np.random.default_rng(0).bytes(3000)
    swollen = [chunk(b"iCCP", b"huge\0\0" + BOMB)] * 99  # 40 MB of them took minutes
    file = read_png(with_chunks(PLAIN, chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)), *swollen))
    assert (file.profile, len(unpacked)) == (profile, 1)


def test_pixels_that_cannot_be_inflated_are_broken() -> None:
    with pytest.raises(BadImage) as caught:
        decode_photo(PLAIN[:33] + chunk(b"IDAT", b"no deflate data" * 20) + chunk(b"IEND"))
    assert caught.value.reason == "image_broken"
