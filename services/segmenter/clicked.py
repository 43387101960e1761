"""The photos that are clicked on just now, and what is the same for every click on them. Pure."""

import threading
from dataclasses import dataclass, field
from typing import Literal

from cachetools import LRUCache

from services.segmenter.backdrops import Colours
from services.segmenter.finding import LOOK_SIDE, backdrop_of, within_side
from shared.contracts.errors import NotKnown
from shared.contracts.images import Pixels, decode_photo

CLICK_SIDE = 1024  # px of the longer side at which clicks are answered: more than a page shows
KEPT = 4  # photos; at most 30 MB each


@dataclass(frozen=True)
class ClickedPhoto:
    """A photo that is clicked on, at the size at which clicks are answered, and what is the same for every click."""

    fine: Colours
    look: Pixels
    kind: Literal["plain", "scene"]


def clicked_photo(picture: bytes) -> ClickedPhoto:
    """Raises BadImage for bytes that are no usable photo."""
    fine = within_side(decode_photo(picture).rgb, CLICK_SIDE)
    look = within_side(fine, LOOK_SIDE)
    return ClickedPhoto(Colours(fine), look, backdrop_of(look))


@dataclass
class ClickedPhotos:
    """The last few, by the sha256 of their files: who clicks again names a photo instead of sending it again."""

    _kept: LRUCache[str, ClickedPhoto] = field(default_factory=lambda: LRUCache(KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, picture: bytes, sha256: str) -> ClickedPhoto:
        """The photo of a picture file with this sha256. Raises BadImage."""
        known = self._known(sha256)
        return self._keep(sha256, clicked_photo(picture)) if known is None else known

    def named(self, sha256: str) -> ClickedPhoto:
        """The photo of a picture file that was sent a moment ago. Raises NotKnown: then send it."""
        known = self._known(sha256)
        if known is None:
            raise NotKnown("photo_not_held", "this photo is not held here; send its file")
        return known

    def _known(self, sha256: str) -> ClickedPhoto | None:
        with self._lock:
            return self._kept.get(sha256)

    def _keep(self, sha256: str, photo: ClickedPhoto) -> ClickedPhoto:
        with self._lock:
            self._kept[sha256] = photo
        return photo
