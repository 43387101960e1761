"""Odd and hostile picture files, made byte by byte."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    """The image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(size: tuple[int, int], depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG of unfiltered `rows` without their filter bytes; `extra` chunks stand before the pixels."""
    width, height = size
    stride = len(rows) // height
    lines = b"".join(b"\0" + rows[row * stride : (row + 1) * stride] for row in range(height))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG_HEAD + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND")


def png16(samples: np.ndarray, *extra: bytes) -> bytes:
    """A PNG of 16 bits: samples (H, W) grey, or (H, W, C) with 2 grey and alpha, 3 RGB, 4 RGBA."""
    height, width = samples.shape[:2]
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[1 if samples.ndim == 2 else samples.shape[2]]
    return png((width, height), 16, colour, samples.astype(">u2").tobytes(), *extra)


def with_chunks(data: bytes, *extra: bytes) -> bytes:
    """A PNG with more chunks behind its header."""
    return data[:33] + b"".join(extra) + data[33:]


def claiming(size: tuple[int, int], data: bytes) -> bytes:
    """A baseline JPEG whose frame header says another size."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", size[1], size[0]) + data[at + 4 :]


def many_scans(scans: int, side: int = 64) -> bytes:
    """A progressive JPEG that repeats its last, nearly empty scan."""
    data = saved(Image.new("L", (side, side), 200), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    there = data.count(b"\xff\xda")
    return data[:-2] + last * (scans - there) + b"\xff\xd9"


def segment(code: int, body: bytes) -> bytes:
    """One segment of a JPEG."""
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


def with_segments(data: bytes, *extra: bytes) -> bytes:
    """A JPEG with more segments behind its first two bytes."""
    return data[:2] + b"".join(extra) + data[2:]


def phone_photo(colour: str = "red") -> bytes:
    """An MPO file as phones write it: a JPEG with a second, smaller picture behind it."""
    other = Image.new("RGB", (32, 32), "blue")
    return saved(Image.new("RGB", (64, 48), colour), "MPO", save_all=True, append_images=[other])


def exif(orientation: int, order: str = ">") -> bytes:
    """TIFF bytes with one entry: which side is up."""
    mark = b"MM\0*" if order == ">" else b"II*\0"
    return mark + struct.pack(f"{order}IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def deflate_bomb(megabytes: int) -> bytes:
    """What zlib makes of so many megabytes of zeros, in no time: one of them is deflated, and repeated."""
    deflate = zlib.compressobj(wbits=-15)
    block = deflate.compress(bytes(1_000_000)) + deflate.flush(zlib.Z_FULL_FLUSH)
    sum_of_all = zlib.adler32(bytes(megabytes * 1_000_000))
    return b"\x78\x9c" + block * megabytes + b"\x03\x00" + struct.pack(">I", sum_of_all)


def exif_bomb() -> bytes:
    """An EXIF segment of 64 KiB whose thousands of entries all name the same 60 KB."""
    entry = struct.pack(">HHII", 0x010E, 2, 60_000, 8)
    count = (65_000 - 10) // 12
    return b"MM\0*" + struct.pack(">IH", 8, count) + entry * count
