"""The style plates: the list that plates.json holds, and each picture decoded when first needed."""

from collections.abc import Callable
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


def pictures(folder: Path, blobs: BlobStore) -> Callable[[Plate], Pixels]:
    """Plate -> its picture (H, W, 3): of the folder, or of the store for a plate that was mined."""

    @lru_cache(maxsize=KEPT)
    def read(file: str, mined: bool) -> Pixels:
        return decode_photo(blobs.get(file) if mined else (folder / file).read_bytes()).rgb

    return lambda plate: read(plate.file, plate.id.startswith(MINED))
