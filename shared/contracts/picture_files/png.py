"""PNG files (ISO/IEC 15948), walked chunk by chunk; texts and all else that decides no pixel is left out."""

import struct
import zlib
from collections.abc import Iterator

from shared.contracts.errors import BadImage
from shared.contracts.picture_files.exif import orientation_of
from shared.contracts.picture_files.limits import (
    MAX_PARTS,
    MAX_PROFILE,
    PictureFile,
    animated,
    bounded,
    checked_size,
    cut_off,
    too_many_parts,
)

HEAD = b"\x89PNG\r\n\x1a\n"
PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEFLATE_MOST = 1032  # bytes out of one byte of deflate data (zlib's technical details)


def read_png(data: bytes) -> PictureFile:
    kept, coded, exif, icc, ended = [HEAD], 0, b"", b"", False
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    checked_size(width, height)
    for number, (kind, chunk) in enumerate(_chunks(data)):
        if (kind == b"IHDR") != (number == 0):
            raise BadImage("image_broken", "the file is damaged: its header is not where it belongs")
        if kind == b"acTL" and int.from_bytes(chunk[8:12], "big") > 1:
            raise animated()
        if kind in PIXELS:
            kept.append(chunk)
        coded += len(chunk) - 12 if kind == b"IDAT" else 0
        exif = chunk[8:-4] if kind == b"eXIf" else exif
        icc = icc or (chunk[8:-4] if kind == b"iCCP" else b"")  # the first: each may swell a thousandfold
        ended = kind == b"IEND"
    rows = height * (1 + width * depth * CHANNELS.get(colour, 1) // 8)
    if not ended or coded * DEFLATE_MOST < rows:
        raise cut_off()
    return PictureFile("PNG", (width, height), b"".join(kept), depth, orientation_of(exif), _inflated_profile(icc))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and the whole chunk, up to the end of the picture or of the file."""
    at = len(HEAD)
    for _ in range(MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise cut_off()
        yield kind, data[at:end]
        at = end
        if kind == b"IEND":
            return
    raise too_many_parts()


def _inflated_profile(body: bytes) -> bytes | None:
    """The profile of an iCCP chunk (name, 0, method, deflate data); None when it is broken or does not stop."""
    try:
        return bounded(zlib.decompressobj().decompress(body[body.index(b"\0") + 2 :], MAX_PROFILE + 1))
    except (zlib.error, ValueError):
        return None
