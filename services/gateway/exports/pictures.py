"""An option as a file to keep: cut to a slot's aspect around its middle, brought to its size and format."""

import re
from typing import Literal

import cv2
import numpy as np

from services.gateway.exports.slots import Slot
from shared.contracts.images import Pixels, decode_output, encode_image

Format = Literal["png", "webp", "jpeg"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def exported(data: bytes, content_type: str, slot: Slot | None, format: Format) -> bytes:
    """The file. What already is what is asked for leaves byte for byte. Raises PromiseBroken."""
    if slot is None and content_type == f"image/{format}":
        return data
    pixels = decode_output(data)
    return encode_image(pixels if slot is None else fitted(pixels, slot), format)


def fitted(pixels: Pixels, slot: Slot) -> Pixels:
    """Pixels (H, W, 3) of a slot's size: as much as its aspect allows, around the middle."""
    height, width = pixels.shape[:2]
    scale = min(width / slot.width, height / slot.height)
    wide, high = max(1, round(slot.width * scale)), max(1, round(slot.height * scale))
    left, top = (width - wide) // 2, (height - high) // 2
    cut = np.ascontiguousarray(pixels[top : top + high, left : left + wide])
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, (slot.width, slot.height), interpolation=how), dtype=np.uint8)


def file_name(product_id: str, request_id: str, sha256: str, slot: str | None, format: Format) -> str:
    """A name that every file system takes."""
    parts = [product_id, request_id[:24], sha256[:8], *([slot] if slot else [])]
    return f"{'-'.join(_UNSAFE.sub('_', part)[:60] for part in parts)}.{'jpg' if format == 'jpeg' else format}"
