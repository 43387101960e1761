"""The style plates: the list that plates.json holds, and each picture decoded when first needed."""

from functools import lru_cache
from pathlib import Path

from services.inpainter.plates.liked import MINED
from shared.contracts.blobs import BlobStore
from shared.contracts.images import Pixels, decode_photo
from shared.contracts.styles import PLATES_FILE, Plate, PlateCatalogue

KEPT = 48  # decoded plates; 1.7 MB each at 768 px


def read_plates(folder: Path) -> tuple[Plate, ...]:
    """The plates of a folder that are there; none without a catalogue: then the painter works from words alone."""
    path = folder / PLATES_FILE
    listed = PlateCatalogue.model_validate_json(path.read_text()).plates if path.exists() else ()
    return tuple(plate for plate in listed if (folder / plate.file).exists())


class Pictures:
    """Plate -> its picture (H, W, 3): of the folder, or of the store for a mined plate; the newest few are kept."""

    def __init__(self, folder: Path, blobs: BlobStore) -> None:
        self._folder = folder
        self._blobs = blobs
        self._kept = lru_cache(maxsize=KEPT)(self._read)

    def __call__(self, plate: Plate) -> Pixels:
        return self._kept(plate.file, plate.id.startswith(MINED))

    def requests(self) -> tuple[int, int]:
        """How many were kept, and how many had to be read."""
        return self._kept.cache_info()[:2]

    def _read(self, file: str, mined: bool) -> Pixels:
        return decode_photo(self._blobs.get(file) if mined else (self._folder / file).read_bytes()).rgb
