"""What clicks are answered on: photos at the size of a page, the last few kept; and answers at the size asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import cv2

from services.gateway.pictures.links import SIZES
from services.gateway.pictures.thumbnails import within
from shared.contracts.blobs import BlobRef, BlobStore, digest, fetch
from shared.contracts.images import Pixels, binary, decode_photo, encode_image
from shared.contracts.picture_files.limits import MIN_SIDE

SIDE = max(SIZES)  # px of the longer side: what the page shows
KEPT = 24  # photos; at most 3 MB each


@dataclass(frozen=True)
class SmallPhoto:
    """A PNG of at most SIDE px, its name by its bytes, and the `size` (width, height) of the photo it is made of."""

    png: bytes
    sha256: str
    size: tuple[int, int]


@dataclass(frozen=True)
class SmallPhotos:
    """Stored photos small, so that a large one is read, decoded and sent once and not for every click."""

    blobs: BlobStore
    _known: Callable[[BlobRef], SmallPhoto] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", lru_cache(KEPT)(self._made))

    def __call__(self, image: BlobRef) -> SmallPhoto:
        """Raises NotKnown, BadImage, DependencyDown."""
        return self._known(image)

    def _made(self, image: BlobRef) -> SmallPhoto:
        photo = decode_photo(fetch(self.blobs, image))
        small = within(photo.rgb, SIDE)
        usable = min(small.shape[:2]) >= MIN_SIDE  # a long strip has too few rows left
        png = encode_image(small if usable else photo.rgb)
        return SmallPhoto(png, digest(png), photo.size)


def sized(soft: Pixels, size: tuple[int, int], longest_side: int | None) -> Pixels:
    """A soft mask (H, W) for whoever asked: within `longest_side` and as soft, or of the photo's `size`, 0 and 255."""
    if longest_side is not None:
        return within(soft, longest_side)
    if (soft.shape[1], soft.shape[0]) != size:
        soft = cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC)
    return binary(soft)
