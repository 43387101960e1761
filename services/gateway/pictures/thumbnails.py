"""Small pictures for pages: made once from stored bytes, kept in the blob store and the last ones in memory."""

import threading
from dataclasses import dataclass, field

import cv2
import numpy as np
from cachetools import LRUCache

from shared.contracts.blobs import BlobStore, digest, safe
from shared.contracts.errors import NotKnown
from shared.contracts.images import Pixels, decode_photo
from shared.contracts.picture_files.limits import MAX_BYTES

MOST_BYTES = 64 * 1024 * 1024  # of thumbnails in memory
QUALITY = 82


@dataclass
class Thumbnails:
    """WebP pictures whose longer side has at most `size` pixels."""

    blobs: BlobStore
    _kept: LRUCache[str, bytes] = field(default_factory=lambda: LRUCache(MOST_BYTES, getsizeof=len))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of_key(self, key: str, size: int) -> bytes:
        """The thumbnail of stored bytes. Raises NotKnown, BadImage, DependencyDown."""
        made = self.kept(key, size)
        if made is None:
            made = shrunk(self.blobs.get(key, most=MAX_BYTES), size)
            self.blobs.put_if_absent(_place(key, size), made, "image/webp")
            self._keep(_place(key, size), made)
        return made

    def kept(self, key: str, size: int) -> bytes | None:
        """The thumbnail where it was made before; None where it is to be made. Raises DependencyDown."""
        place = _place(key, size)
        known = self._known(place)
        if known is None:
            try:
                known = self.blobs.get(place)
            except NotKnown:
                return None
            self._keep(place, known)
        return known

    def of_bytes(self, data: bytes, size: int) -> bytes:
        """The thumbnail of bytes at hand."""
        place = f"{digest(data)}/{size}"
        known = self._known(place)
        if known is None:
            known = shrunk(data, size)
            self._keep(place, known)
        return known

    def _known(self, place: str) -> bytes | None:
        with self._lock:
            return self._kept.get(place)

    def _keep(self, place: str, made: bytes) -> None:
        with self._lock:
            self._kept[place] = made


def _place(key: str, size: int) -> str:
    return f"thumbnails/{size}/{safe(key)}.webp"


def shrunk(data: bytes, size: int) -> bytes:
    """A WebP picture of stored bytes, upright and in sRGB as every stage sees them. Raises BadImage."""
    photo = decode_photo(data)
    bgr = within(photo.rgb, size)[..., ::-1]
    if photo.alpha is None:
        return encoded(np.ascontiguousarray(bgr))
    return encoded(np.dstack([bgr, within(photo.alpha, size)]))


def within(pixels: Pixels, size: int) -> Pixels:
    """Pixels whose longer side has at most `size`; smaller ones stay as they are."""
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    if scale >= 1:
        return pixels
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, target, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def encoded(pixels: Pixels) -> bytes:
    """WebP, for looking at; pixels are BGR or BGRA."""
    _, data = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return bytes(data)
