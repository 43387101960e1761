"""What people see of a picture: its own pixels, read by the attribute probe; nothing that the system says of itself."""

from pathlib import Path

from benchmarks.taste.people import Seen
from shared.contracts.blobs import BlobStore, fetch
from shared.contracts.events import BackgroundGenerated, GeneratedImage
from shared.contracts.images import decode_mask, decode_photo
from shared.model.attributes import AttributeReader


class ProbeEye:
    """`benchmarks.taste.run.Eye` over the attribute probe. Each picture is looked at once."""

    def __init__(self, blobs: BlobStore, probe: Path = Path("models/mini-probe")) -> None:
        self._blobs, self._probe = blobs, AttributeReader(probe)
        self._seen: dict[str, Seen] = {}

    def see(self, made: BackgroundGenerated, option: GeneratedImage) -> Seen:
        """The probe's reading of the stored bytes."""
        key = option.image.sha256
        if key not in self._seen:
            picture = decode_photo(fetch(self._blobs, option.image)).rgb
            mask = decode_mask(fetch(self._blobs, made.mask), (picture.shape[1], picture.shape[0]))
            (self._seen[key],) = self._probe.read(mask, [picture])
        return self._seen[key]
