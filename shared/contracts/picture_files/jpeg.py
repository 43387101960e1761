"""JPEG files (ITU-T T.81, annex B), walked segment by segment.

What is kept: frame, tables, scans and the two segments that say how colours are coded. Left out are thumbnails, texts
and what follows the end, such as the further pictures of a phone's MPO file.
"""

import re
import struct
from collections.abc import Iterator

from shared.contracts.errors import BadImage
from shared.contracts.picture_files.exif import orientation_of
from shared.contracts.picture_files.limits import (
    MAX_PARTS,
    PictureFile,
    bounded,
    checked_size,
    cut_off,
    too_many_parts,
)

HEAD = b"\xff\xd8"
MAX_SCANS = 64  # encoders write 1 to some 25; each costs a pass over the picture (libjpeg-turbo's fuzzers stop at 500)
PIXELS_PER_BYTE = 512  # each block of 64 pixels takes a Huffman code, of one bit at least

MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)  # neither stuffing, fill nor restart
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended and progressive Huffman coding
OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}  # lossless, hierarchical, arithmetic
TABLES = {0xC4, 0xDB, 0xDD}  # Huffman, quantisation, restart interval
JFIF, APP1, APP2, ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
EXIF_HEAD, ICC_HEAD = b"Exif\0\0", b"ICC_PROFILE\0"


def read_jpeg(data: bytes) -> PictureFile:
    kept, size, scans, coded, exif, icc = [HEAD], None, 0, 0, b"", dict[int, bytes]()
    for code, segment, entropy in _segments(data):
        body = segment[4:]
        if code in OTHER_FRAMES:
            words = "lossless, hierarchical and arithmetic JPEGs are not taken; save it as an ordinary JPEG"
            raise BadImage("image_unsupported", words)
        if code in FRAMES:
            size = _size(body, size)
        scans += code == SOS
        coded += len(entropy)
        if scans > MAX_SCANS:
            raise BadImage("image_too_many_scans", f"the JPEG has more than {MAX_SCANS} scans; save it anew")
        if code in FRAMES | TABLES | {SOS, EOI, ADOBE} or (code == JFIF and body.startswith(b"JFIF\0")):
            kept += [segment, entropy]
        if code == APP1 and body.startswith(EXIF_HEAD) and not exif:
            exif = body[len(EXIF_HEAD) :]
        if code == APP2 and body.startswith(ICC_HEAD) and len(body) > 14:
            icc[body[12]] = body[14:]
    if size is None or coded * PIXELS_PER_BYTE < size[0] * size[1]:
        raise cut_off()
    profile = b"".join(icc[number] for number in sorted(icc))
    return PictureFile("JPEG", size, b"".join(kept), orientation=orientation_of(exif), profile=bounded(profile))


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker code, the whole segment, and the coded data behind a start of scan; up to the first end of image."""
    at = 2
    for _ in range(MAX_PARTS):
        found = MARKER.search(data, at)
        if found is None:
            raise cut_off()
        code, start = data[found.start() + 1], found.start()
        if code == EOI:
            yield code, b"\xff\xd9", b""
            return
        if code < 0xC0 or code == SOI:
            at = found.end()
            continue
        (length,) = struct.unpack_from(">H", data, start + 2)
        at = start + 2 + max(2, length)
        if at > len(data):
            raise cut_off()
        behind = MARKER.search(data, at) if code == SOS else None
        end = behind.start() if behind else at
        yield code, data[start:at], data[at:end]
        at = end
    raise too_many_parts()


def _size(body: bytes, before: tuple[int, int] | None) -> tuple[int, int]:
    if before is not None:
        raise BadImage("image_broken", "the file is damaged: it begins twice")
    height, width = struct.unpack_from(">HH", body, 1)
    return checked_size(width, height)
