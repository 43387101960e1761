"""Untrusted bytes are decoded under caps, and every refusal says why."""

import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from shared.contracts.errors import BadImage, PromiseBroken
from shared.contracts.images import binary, changed_pixels, decode_mask, decode_output, decode_photo, encode_image
from tests.fakes import profiles
from tests.fakes.picture_files import chunk, many_scans, phone_photo, png16, saved, with_chunks
from tests.fakes.picture_files import png as raw_png


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


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
    assert refusal(raw_png((20_000, 10_000), 8, 2, b"")) == "image_too_large"


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


# --- whatever a camera writes ----------------------------------------------------------------------------------------

RAMP = np.linspace(0, 65535, 64).astype(np.uint16)  # 0, 1040, 2080 ... 65535
RAMP_8 = RAMP >> 8  # 0, 4, 8 ... 255


def rgb_of(data: bytes) -> np.ndarray:
    return decode_photo(data).rgb


def test_16_bit_greys_keep_their_upper_8_bits() -> None:
    assert (rgb_of(png16(np.tile(RAMP, (40, 1)))) == RAMP_8[None, :, None]).all()


def test_16_bit_colours_keep_their_upper_8_bits() -> None:
    colours = np.stack([np.tile(RAMP, (40, 1)), np.tile(RAMP[::-1], (40, 1)), np.full((40, 64), 32768)], axis=-1)
    assert rgb_of(png16(colours))[7, 1].tolist() == [4, 251, 128]


@pytest.mark.parametrize("channels", [2, 4])
def test_16_bit_alpha_is_scaled_like_the_colours(channels: int) -> None:
    samples = np.full((40, 64, channels), 51_400)
    samples[..., -1] = RAMP
    photo = decode_photo(png16(samples))
    assert photo.rgb[0, 0].tolist() == [200, 200, 200]
    assert photo.alpha is not None and (photo.alpha == RAMP_8).all()


@pytest.mark.parametrize(
    ("data", "clear"),
    [
        (png16(np.tile(RAMP, (40, 1)), chunk(b"tRNS", b"\x04\x10")), (0, 1)),
        (png16(np.tile(RAMP, (40, 1))[..., None].repeat(3, 2), chunk(b"tRNS", b"\x04\x10" * 3)), (0, 1)),
        (raw_png((64, 40), 2, 0, b"\x1b" * 16 * 40, chunk(b"tRNS", b"\0\1")), (0, 1)),
        (raw_png((64, 40), 1, 0, b"\x40" + b"\0" * (8 * 40 - 1), chunk(b"tRNS", b"\0\1")), (0, 1)),
        (raw_png((64, 40), 8, 2, b"abcdef" + b"abc" * (64 * 40 - 2), chunk(b"tRNS", b"\0d\0e\0f")), (0, 1)),
    ],
    ids=["16-bit grey", "16-bit colours", "2-bit grey", "1-bit", "8-bit colours"],
)
def test_a_colour_that_a_png_calls_transparent_is_cut_out(data: bytes, clear: tuple[int, int]) -> None:
    alpha = decode_photo(data).alpha
    assert alpha is not None and alpha[clear] == 0 and alpha[0, 0] == 255


def test_a_palette_with_transparency_is_cut_out_and_keeps_its_colours() -> None:
    image = Image.new("P", (64, 40), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (0, 0, 8, 40))
    photo = decode_photo(saved(image, "PNG", transparency=0))
    assert photo.rgb[0, 0].tolist() == [200, 100, 50]
    assert photo.alpha is not None and photo.alpha[0, 0] == 255 and photo.alpha[0, 20] == 0
    assert decode_photo(saved(image, "PNG")).alpha is None


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (Image.new("1", (40, 40), 1), [255, 255, 255]),
        (Image.new("L", (40, 40), 77), [77, 77, 77]),
        (Image.new("LA", (40, 40), (77, 255)), [77, 77, 77]),
    ],
)
def test_pictures_without_colours_are_grey(image: Image.Image, colour: list[int]) -> None:
    assert rgb_of(saved(image, "PNG"))[3, 3].tolist() == colour


def test_what_lies_under_transparent_pixels_is_left_as_the_file_has_it() -> None:
    rgba = np.full((40, 40, 4), (9, 8, 7, 0), np.uint8)
    photo = decode_photo(png(rgba))
    assert photo.rgb[0, 0].tolist() == [9, 8, 7]


def test_a_phones_photo_with_a_second_picture_behind_it_shows_the_first() -> None:
    photo = decode_photo(phone_photo("red"))
    assert photo.size == (64, 48) and photo.extension == "jpg"
    assert photo.rgb[24, 32].tolist() == [254, 0, 0]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    assert refusal(saved(frames[0], kind, save_all=True, append_images=frames[1:])) == "image_animated"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_as_its_exif_says(kind: str, orientation: int) -> None:
    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 60, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(image, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert (rgb_of(data) == np.asarray(shown.convert("RGB"))).all()


@pytest.mark.parametrize(
    ("profile", "before", "after"),
    [
        (profiles.display_p3(), (200, 100, 50), (215, 93, 31)),  # by the matrices of the profiles, computed apart
        (profiles.adobe_rgb(), (120, 180, 90), (80, 181, 83)),
        (profiles.adobe_rgb(), (128, 128, 128), (129, 129, 129)),
    ],
    ids=["Display P3", "Adobe RGB", "a grey in Adobe RGB"],
)
def test_colours_of_another_space_are_converted_to_srgb(
    profile: bytes, before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    for kind in ("PNG", "WEBP"):
        data = saved(Image.new("RGB", (40, 40), before), kind, icc_profile=profile, lossless=True)
        assert np.abs(rgb_of(data)[5, 5].astype(int) - after).max() <= 1


def test_transparency_survives_the_conversion_of_colours() -> None:
    image = Image.new("RGBA", (40, 40), (200, 100, 50, 99))
    photo = decode_photo(saved(image, "PNG", icc_profile=profiles.display_p3()))
    assert photo.alpha is not None and photo.alpha[0, 0] == 99
    assert np.abs(photo.rgb[0, 0].astype(int) - (215, 93, 31)).max() <= 1


def test_an_srgb_profile_changes_no_pixel() -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert (rgb_of(saved(Image.fromarray(pixels), "PNG", icc_profile=profiles.srgb())) == pixels).all()


def test_a_press_photo_is_converted_by_its_profile() -> None:
    data = saved(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG", icc_profile=profiles.press(), quality=100)
    assert np.abs(rgb_of(data)[5, 5].astype(int) - (214, 60, 55)).max() <= 4  # L*a*b* 50, 60, 40


def test_a_press_photo_without_a_profile_is_converted_by_plain_arithmetic() -> None:
    data = saved(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG", quality=100)
    assert np.abs(rgb_of(data)[5, 5].astype(int) - (255, 0, 0)).max() <= 2


@pytest.mark.parametrize("depth", [8, 16])
def test_greys_are_converted_by_a_grey_profile(depth: int) -> None:
    samples = np.full((40, 40), 128 << (depth - 8))
    extra = chunk(b"iCCP", b"scanner\0\0" + zlib.compress(profiles.grey(1.8)))
    data = png16(samples, extra) if depth == 16 else with_chunks(png(samples.astype(np.uint8)), extra)
    assert np.abs(rgb_of(data)[0, 0].astype(int) - 146).max() <= 1  # (128 / 255) ** 1.8, through sRGB's curve


@pytest.mark.parametrize(
    "profile",
    [b"no profile" * 40, profiles.display_p3()[:300], profiles.display_p3()[:128] + bytes(400), profiles.press()],
    ids=["text", "cut off", "zeros", "of another colour model"],
)
def test_a_profile_that_cannot_be_used_is_ignored_and_the_photo_taken(profile: bytes) -> None:
    data = saved(Image.new("RGB", (40, 40), (200, 100, 50)), "PNG", icc_profile=profile)
    assert rgb_of(data)[5, 5].tolist() == [200, 100, 50]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_ordinary_photo_has_the_pixels_another_decoder_finds(kind: str) -> None:
    pixels = cv2.GaussianBlur(np.random.default_rng(4).integers(0, 255, (90, 120, 3), dtype=np.uint8), (0, 0), 3)
    data = saved(Image.fromarray(pixels), kind, quality=90)
    assert np.abs(rgb_of(data).astype(int) - decode_output(data)).max() <= (0 if kind == "PNG" else 1)


def test_the_same_bytes_always_give_the_same_pixels() -> None:
    data = saved(Image.new("RGB", (64, 64), (200, 100, 50)), "JPEG", icc_profile=profiles.adobe_rgb())
    assert (rgb_of(data) == rgb_of(data)).all()


def test_a_progressive_photo_of_a_thousand_scans_is_refused() -> None:
    assert refusal(many_scans(1000)) == "image_too_many_scans"
    assert rgb_of(many_scans(25))[0, 0].tolist() == [200, 200, 200]


# --- masks -----------------------------------------------------------------------------------------------------------


def mask_of(data: bytes, size: tuple[int, int] = (40, 40)) -> np.ndarray:
    return decode_mask(data, size)


def test_a_16_bit_mask_is_cut_at_its_own_half() -> None:
    samples = np.full((40, 40), 20_000)
    samples[0] = 40_000
    mask = mask_of(png16(samples))
    assert (mask[0] == 255).all() and (mask[1:] == 0).all()


def test_a_masks_profile_changes_nothing() -> None:
    image = Image.new("L", (40, 40), 128)  # 1.8 would lift 120 over the half
    image.paste(120, (0, 0, 40, 20))
    mask = mask_of(saved(image, "PNG", icc_profile=profiles.grey(1.8)))
    assert (mask[:20] == 0).all() and (mask[20:] == 255).all()


def test_a_mask_with_an_alpha_channel_that_says_nothing_is_read_by_its_brightness() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 255))
    image.paste((255, 255, 255, 255), (0, 0, 40, 10))
    mask = mask_of(saved(image, "PNG"))
    assert (mask[:10] == 255).all() and (mask[10:] == 0).all()


def test_a_mask_is_turned_as_its_photo_is() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("L", (60, 40), 0)
    image.paste(255, (0, 0, 60, 10))  # the top, which is shown at the right
    mask = mask_of(saved(image, "PNG", exif=exif), (40, 60))
    assert (mask[:, 30:] == 255).all() and (mask[:, :30] == 0).all()


def test_a_broken_mask_is_refused() -> None:
    data = saved(Image.effect_noise((40, 40), 50), "PNG")
    with pytest.raises(BadImage) as caught:
        mask_of(data[:500])
    assert caught.value.reason == "image_broken"


def test_a_file_that_says_two_sizes_is_broken() -> None:
    data = bytearray(saved(Image.new("RGB", (64, 48)), "WEBP", lossless=True, exif=b"Exif\0\0"))
    data[24:27] = (39).to_bytes(3, "little")  # the canvas is narrower than its picture
    assert refusal(bytes(data)) == "image_broken"


def test_what_is_written_beside_the_pixels_comes_back() -> None:
    data = encode_image(np.zeros((40, 40, 3), np.uint8), comment="ünïted")
    assert Image.open(io.BytesIO(data)).text == {"comment": "ünïted"}  # type: ignore[attr-defined]
