"""Finished options put where the ad platform finds them, with what they say of themselves. Pure."""

from dataclasses import dataclass
from typing import Literal

from services.inpainter import provenance
from shared.contracts.blobs import BlobStore, background_prefix, digest
from shared.contracts.events import GeneratedImage, Scores
from shared.contracts.images import CONTENT_TYPES, Pixels, encode_image


@dataclass(frozen=True)
class Finished:
    """A finished picture (H, W, 3) and what it was made from."""

    pixels: Pixels
    prompt: str
    seed: int
    plate: str | None
    strength: float


@dataclass(frozen=True)
class Shelf:
    """The folder of one request."""

    blobs: BlobStore
    request_id: str
    format: Literal["png", "webp", "jpeg"]
    photo_sha256: str
    model: str

    def put(self, finished: Finished, scores: Scores, name: str) -> GeneratedImage:
        """Encode and store. The key ends in the bytes' hash: two workers on one request cannot overwrite each other."""
        data = encode_image(finished.pixels, self.format, **self._facts(finished))
        extension = "jpg" if self.format == "jpeg" else self.format
        key = f"{background_prefix(self.request_id)}{name}-{digest(data)[:8]}.{extension}"
        height, width = finished.pixels.shape[:2]
        stored = self.blobs.put(key, data, CONTENT_TYPES[extension])
        return GeneratedImage(
            image=stored.model_copy(update={"width": width, "height": height}), seed=finished.seed,
            prompt=finished.prompt, scores=scores, plate=finished.plate, strength=finished.strength, model=self.model,
        )  # fmt: skip

    def _facts(self, finished: Finished) -> dict[str, str]:
        return provenance.text_chunks(
            model=self.model, prompt=finished.prompt, seed=finished.seed, plate=finished.plate,
            strength=finished.strength, photo=self.photo_sha256,
        )  # fmt: skip
