"""A still picture file that may be decoded, the caps it keeps, and the words it is refused with."""

from dataclasses import dataclass
from typing import Literal

from shared.contracts.errors import BadImage

Format = Literal["JPEG", "PNG", "WEBP"]

MIN_SIDE = 32  # below this there is no product to see
MAX_PIXELS = 50_000_000  # about 150 MB decoded
MAX_BYTES = 40 * 1024 * 1024
MAX_PARTS = 20_000  # segments or chunks: 40 MB of 8 KiB chunks are 5,000
MAX_PROFILE = 4 * 1024 * 1024  # bytes; the largest press profiles have about 3 MB


@dataclass(frozen=True)
class PictureFile:
    """A still picture: `size` (width, height) as stored, `depth` in bits per channel.

    `data` holds what decides the pixels and no more; `orientation` is EXIF's 1 to 8, `profile` the ICC profile.
    """

    format: Format
    size: tuple[int, int]
    data: bytes
    depth: int = 8
    orientation: int = 1
    profile: bytes | None = None


def checked_size(width: int, height: int) -> tuple[int, int]:
    if width * height > MAX_PIXELS:
        megapixels, limit = width * height / 1e6, MAX_PIXELS / 1e6
        raise BadImage("image_too_large", f"the picture has {megapixels:.0f} megapixels; at most {limit:.0f} are taken")
    if min(width, height) < MIN_SIDE:
        words = f"the picture is {width} x {height} pixels; each side needs at least {MIN_SIDE}"
        raise BadImage("image_too_small", words)
    return width, height


def bounded(profile: bytes) -> bytes | None:
    """A profile of a usable size; without one a picture counts as sRGB."""
    return profile if 128 <= len(profile) <= MAX_PROFILE else None


def animated() -> BadImage:
    return BadImage("image_animated", "the picture is animated; submit one still frame")


def cut_off() -> BadImage:
    return BadImage("image_broken", "the file is damaged: it ends before the picture it promises is complete")


def too_many_parts() -> BadImage:
    return BadImage("image_broken", f"the file is damaged: it consists of more than {MAX_PARTS} parts")
