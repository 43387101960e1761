"""WebP files (RFC 9649), walked chunk by chunk."""

import struct
from collections.abc import Iterator

from shared.contracts.picture_files.exif import orientation_of
from shared.contracts.picture_files.limits import (
    MAX_PARTS,
    PictureFile,
    animated,
    bounded,
    checked_size,
    cut_off,
    too_many_parts,
)

EXIF_HEAD = b"Exif\0\0"  # some writers put JPEG's mark before the TIFF bytes


def read_webp(data: bytes) -> PictureFile:
    size: tuple[int, int] | None = None
    frames, exif, profile = 0, b"", None
    for kind, body in _riff_chunks(data):
        if size is None:
            size = checked_size(*_size(kind, body))
        frames += kind == b"ANMF"
        exif = body if kind == b"EXIF" else exif
        profile = bounded(body) if kind == b"ICCP" else profile
    if frames > 1:
        raise animated()
    if size is None:
        raise cut_off()
    return PictureFile("WEBP", size, data, orientation=orientation_of(exif.removeprefix(EXIF_HEAD)), profile=profile)


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    (total,) = struct.unpack_from("<I", data, 4)
    if total + 8 > len(data):
        raise cut_off()
    at = 12
    for _ in range(MAX_PARTS):
        if at + 8 > total + 8:
            return
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    raise too_many_parts()


def _size(kind: bytes, body: bytes) -> tuple[int, int]:
    """Width and height of the canvas, from whichever chunk comes first."""
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF
