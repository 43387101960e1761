"""The one thing EXIF decides about pixels: which side is up (CIPA DC-008, 4.6.4)."""

from typing import Literal


def orientation_of(exif: bytes) -> int:
    """EXIF's orientation (1 to 8) from TIFF bytes, 1 where they say none or are broken; nothing else is read."""
    order: Literal["little", "big"] = "little" if exif.startswith(b"II") else "big"
    first = int.from_bytes(exif[4:8], order)
    count = int.from_bytes(exif[first : first + 2], order)
    for entry in range(first + 2, min(first + 2 + 12 * count, len(exif) - 11), 12):
        if int.from_bytes(exif[entry : entry + 2], order) == 0x0112:
            value = int.from_bytes(exif[entry + 8 : entry + 10], order)
            return value if 1 <= value <= 8 else 1
    return 1
