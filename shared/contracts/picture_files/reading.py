"""Which kind of picture file some bytes are, by their first ones and never by a name or a header."""

import struct

from shared.contracts.errors import BadImage
from shared.contracts.picture_files import jpeg, png
from shared.contracts.picture_files.jpeg import read_jpeg
from shared.contracts.picture_files.limits import MAX_BYTES, PictureFile, cut_off
from shared.contracts.picture_files.png import read_png
from shared.contracts.picture_files.webp import read_webp


def read_picture_file(data: bytes) -> PictureFile:
    """Walk untrusted bytes. Raises BadImage with a reason a person understands; takes time linear in the bytes."""
    if len(data) > MAX_BYTES:
        raise BadImage("image_too_heavy", f"the file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB")
    try:
        if data.startswith(jpeg.HEAD):
            return read_jpeg(data)
        if data.startswith(png.HEAD):
            return read_png(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return read_webp(data)
    except (struct.error, IndexError) as error:
        raise cut_off() from error
    raise BadImage("not_an_image", "the file is not a JPEG, PNG or WebP picture")
