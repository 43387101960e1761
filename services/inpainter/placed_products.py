"""Products decoded and placed, the newest few kept: the scenes of one product mostly want it at the same place."""

from collections.abc import Hashable

from cachetools import LRUCache

from services.inpainter.compose.placement import Placed, place
from shared.contracts.blobs import BlobRef, BlobStore, fetch
from shared.contracts.events import Scene
from shared.contracts.images import decode_mask, decode_photo

KEPT = 4
LARGEST_KEPT = 4_200_000  # pixels of an output; four of them with their edges take less than 200 MB


class PlacedProducts:
    """From a photo, its mask and a scene's frame to the placed product."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._kept: LRUCache[Hashable, Placed] = LRUCache(KEPT)
        self._hits = self._misses = 0

    def get(self, photo: BlobRef, mask: BlobRef, scene: Scene) -> Placed:
        """The placed product. Raises BadImage, NotKnown or BadRequest where there can be none."""
        key = (photo.sha256, mask.sha256, scene.placement, scene.width, scene.height, scene.aspect)
        if key in self._kept:
            self._hits += 1
            return self._kept[key]
        self._misses += 1
        placed = self.anew(photo, mask, scene)
        if placed.mask.size <= LARGEST_KEPT:
            self._kept[key] = placed
        return placed

    def requests(self) -> tuple[int, int]:
        """How many were kept, and how many had to be made."""
        return self._hits, self._misses

    def anew(self, photo: BlobRef, mask: BlobRef, scene: Scene) -> Placed:
        """The same from the stored bytes, whatever is kept: what outputs are compared with."""
        decoded = decode_photo(fetch(self._blobs, photo))
        return place(decoded.rgb, decode_mask(fetch(self._blobs, mask), decoded.size), scene)
