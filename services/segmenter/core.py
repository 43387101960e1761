"""What segmenting means here: whose mask counts, what is stored where, what is announced. No Kafka, MinIO or torch."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from services.segmenter.finding import RULES, Finding, Segmenter, backdrop_of, find_product
from services.segmenter.verdicts import Refusal, contact
from shared.contracts.blobs import BlobRef, BlobStore, digest, image_key, mask_key, stage_key
from shared.contracts.events import Box, ImageSource, ProductSegmented, ProductSubmitted, Segmentation
from shared.contracts.images import CONTENT_TYPES, Photo, Pixels, binary, decode_mask, decode_photo, encode_image

TOUCH = 0.004  # of a side: less is a stray pixel
CUT_OUT = 0.98  # an alpha channel that covers more than this cuts nothing out


class ImageFetcher(Protocol):
    """Bytes from a URL a stranger gave. Raises BadImage (never) or Transient (perhaps later)."""

    def fetch(self, url: str) -> bytes:
        """The body at `url`, at most as large as an image may be."""
        ...


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class SegmentProduct:
    """product.submitted in, product.segmented out; done once per photo, wish and version, however often it is asked."""

    segmenter: Segmenter
    fetcher: ImageFetcher
    blobs: BlobStore
    least_confidence: float = 0.35
    clock: Callable[[], int] = _milliseconds

    def __call__(self, event: ProductSubmitted) -> ProductSegmented:
        """Raises BadImage for bytes that are no usable photo, NotKnown for a key with nothing behind it."""
        data = self._bytes(event.image)
        manifest = stage_key(event.product_id, self._stage(event, digest(data)))
        if self.blobs.find(manifest) is not None:
            return self._said_before(manifest, event)
        photo = decode_photo(data)
        image = self._keep(data, photo)
        result = ProductSegmented(
            product_id=event.product_id,
            image=image,
            facts=event.facts,
            segmentation=self._segmentation(event, photo, image.sha256),
            scenes=event.scenes,
            revision=event.revision or self.clock(),
        )
        if self.blobs.put_if_absent(manifest, result.model_dump_json().encode(), "application/json"):
            return result
        return self._said_before(manifest, event)

    def _said_before(self, manifest: str, event: ProductSubmitted) -> ProductSegmented:
        """The first answer under the number of this event; an unnumbered one keeps the time it was first seen."""
        said = ProductSegmented.model_validate_json(self.blobs.get(manifest))
        return said.model_copy(update={"revision": event.revision or said.revision})

    @property
    def version(self) -> str:
        """Model and rules: what a mask depends on."""
        return f"{self.segmenter.version}.{RULES}"

    def _stage(self, event: ProductSubmitted, image_sha256: str) -> str:
        """The photo and all else the answer depends on: a new photo or wish is new work, a new number alone is not."""
        rest = event.model_dump_json(exclude={"product_id", "image", "revision"})
        wish = hashlib.sha256(f"{self.version}\n{self.least_confidence}\n{rest}".encode()).hexdigest()
        return f"segmented-{image_sha256[:16]}-{wish[:16]}"

    def _bytes(self, source: ImageSource) -> bytes:
        return self.fetcher.fetch(source.url) if source.url is not None else self.blobs.get(str(source.key))

    def _keep(self, data: bytes, photo: Photo) -> BlobRef:
        """The submitted bytes under their own hash, stored once."""
        key = image_key(digest(data), photo.extension)
        ref = self.blobs.find(key) or self.blobs.put(key, data, CONTENT_TYPES[photo.extension])
        return ref.model_copy(update={"width": photo.size[0], "height": photo.size[1]})

    def _segmentation(self, event: ProductSubmitted, photo: Photo, image_sha256: str) -> Segmentation:
        """The merchant's mask, else the file's own alpha channel, else the model's."""
        if event.mask is not None:
            data = self._bytes(event.mask)
            return self._given(photo, decode_mask(data, photo.size), image_sha256, "merchant", digest(data)[:16])
        if photo.alpha is not None and float((photo.alpha >= 128).mean()) <= CUT_OUT:
            return self._given(photo, binary(photo.alpha), image_sha256, "alpha", "file")
        finding = find_product(photo.rgb, self.segmenter, least_confidence=self.least_confidence)
        return self._found(finding, image_sha256, self.version)

    def _given(self, photo: Photo, mask: Pixels, image_sha256: str, who: str, which: str) -> Segmentation:
        """A mask from outside counts as it is; only an empty one is refused."""
        backdrop = backdrop_of(photo.rgb) if who == "merchant" else "plain"
        refusal = None if mask.any() else Refusal("no_product", f"the mask given ({who}) is empty")
        finding = Finding(backdrop, 1.0, None if refusal else mask, refusal)
        return self._found(finding, image_sha256, who, key=mask_key(image_sha256, f"{who}-{which}"))

    def _found(self, finding: Finding, image_sha256: str, who: str, *, key: str | None = None) -> Segmentation:
        """The finding as it is announced, its mask stored."""
        if finding.mask is None:
            return Segmentation(
                confidence=finding.confidence,
                backdrop=finding.backdrop,
                segmenter=who,
                refusal=finding.refusal.reason if finding.refusal else "no_product",
                refusal_detail=finding.refusal.detail if finding.refusal else None,
            )
        key = key or mask_key(image_sha256, who)
        height, width = finding.mask.shape
        ref = self.blobs.put(key, encode_image(finding.mask), "image/png")
        return Segmentation(
            mask=ref.model_copy(update={"width": width, "height": height}),
            confidence=finding.confidence,
            backdrop=finding.backdrop,
            box=box_of(finding.mask),
            area=float((finding.mask > 0).mean()),
            border_contact=tuple(side for side, share in contact(finding.mask > 0).items() if share >= TOUCH),
            segmenter=who,
        )


def box_of(mask: Pixels) -> Box:
    """The smallest box around a mask that is not empty."""
    ys, xs = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    left, top = int(xs[0]), int(ys[0])
    return Box(x=left, y=top, width=int(xs[-1]) - left + 1, height=int(ys[-1]) - top + 1)
