"""What segmenting means here: whose mask counts, what is stored where, what is announced. No Kafka, MinIO or torch."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.segmenter.finding import RULES, Finding, Segmenter, backdrop_of, find_product
from services.segmenter.verdicts import PhotoRefusal, contact
from shared.contracts.blobs import BlobRef, BlobStore, digest, image_key, mask_key, stage_key
from shared.contracts.events import Box, ImageSource, ProductSegmented, ProductSubmitted, Segmentation
from shared.contracts.images import CONTENT_TYPES, Photo, Pixels, binary, decode_mask, decode_photo, encode_image
from shared.contracts.sources import ImageFetcher, read_source

TOUCH = 0.004  # of a side: less is a stray pixel
CUT_OUT = 0.98  # an alpha channel that covers more than this cuts nothing out


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
        """Raises BadImage for bytes that are no usable photo, BadRequest or NotKnown for a key that cannot be one."""
        submission = self._submission(event)
        if submission is not None and self.blobs.find(submission) is not None:
            return self._said_before(submission, event)
        data = self._bytes(event.image)
        given = None if event.mask is None else self._bytes(event.mask)
        said = self._once(stage_key(event.product_id, self._stage(event, data, given)), event, data, given)
        if submission is None or self.blobs.put_if_absent(submission, _json(said), "application/json"):
            return said
        return self._said_before(submission, event)

    def _once(self, manifest: str, event: ProductSubmitted, data: bytes, given: bytes | None) -> ProductSegmented:
        """The answer about these bytes, made by whoever comes first."""
        if self.blobs.find(manifest) is None:
            made = self._made(event, data, given)
            if self.blobs.put_if_absent(manifest, _json(made), "application/json"):
                return made
        return self._said_before(manifest, event)

    def _made(self, event: ProductSubmitted, data: bytes, given: bytes | None) -> ProductSegmented:
        photo = decode_photo(data)
        image = self._stored(image_key(digest(data), photo.extension), data, photo.extension, photo.size)
        found = self._segmentation(photo, image.sha256, given)
        return ProductSegmented(
            product_id=event.product_id,
            image=image,
            facts=event.facts,
            segmentation=found.model_copy(update={"given_mask": None if given is None else digest(given)}),
            scenes=event.scenes,
            revision=event.revision or self.clock(),
        )

    def _said_before(self, manifest: str, event: ProductSubmitted) -> ProductSegmented:
        """The first answer under the number of this event; an unnumbered one keeps the time it was first seen."""
        said = ProductSegmented.model_validate_json(self.blobs.get(manifest))
        return said.model_copy(update={"revision": event.revision or said.revision})

    @property
    def version(self) -> str:
        """Model and rules: what a mask depends on."""
        return f"{self.segmenter.version}.{RULES}"

    def _submission(self, event: ProductSubmitted) -> str | None:
        """The manifest of an event whose bytes are on the web: what is there may change, one event has one answer.

        A photo that changed behind its URL is told by a new revision.
        """
        if event.image.url is None and (event.mask is None or event.mask.url is None):
            return None
        wish = self._hashed(event.model_dump_json(exclude={"product_id"}))
        return stage_key(event.product_id, f"submitted-{wish[:32]}")

    def _stage(self, event: ProductSubmitted, data: bytes, given: bytes | None) -> str:
        """The bytes and all else the answer depends on: a new photo or wish is new work, a new number alone is not."""
        rest = event.model_dump_json(exclude={"product_id", "image", "mask", "revision"})
        wish = self._hashed(f"{rest}\n{digest(given) if given is not None else None}")
        return f"segmented-{digest(data)[:16]}-{wish[:16]}"

    def _hashed(self, text: str) -> str:
        return digest(f"{self.version}\n{self.least_confidence}\n{text}".encode())

    def _bytes(self, source: ImageSource) -> bytes:
        return read_source(self.blobs, self.fetcher, key=source.key, url=source.url)

    def _stored(self, key: str, data: bytes, extension: str, size: tuple[int, int]) -> BlobRef:
        """Bytes under a key that names their content: written once, and again only where something else lies there."""
        ref = self.blobs.find(key)
        if ref is None or ref.sha256 != digest(data):
            ref = self.blobs.put(key, data, CONTENT_TYPES[extension])
        return ref.model_copy(update={"width": size[0], "height": size[1]})

    def _segmentation(self, photo: Photo, image_sha256: str, given: bytes | None) -> Segmentation:
        """The merchant's mask, else the file's own alpha channel, else the model's."""
        if given is not None:
            return self._given(photo, decode_mask(given, photo.size), image_sha256, "merchant")
        if photo.alpha is not None and float((photo.alpha >= 128).mean()) <= CUT_OUT:
            return self._given(photo, binary(photo.alpha), image_sha256, "alpha")
        finding = find_product(photo.rgb, self.segmenter, least_confidence=self.least_confidence)
        return self._found(finding, image_sha256, self.version)

    def _given(self, photo: Photo, mask: Pixels, image_sha256: str, who: str) -> Segmentation:
        """A mask from outside counts as it is; only an empty one is refused."""
        backdrop = backdrop_of(photo.rgb) if who == "merchant" else "plain"
        refusal = None if mask.any() else PhotoRefusal("no_product", f"the mask given ({who}) is empty")
        return self._found(Finding(backdrop, 1.0, None if refusal else mask, refusal), image_sha256, who)

    def _found(self, finding: Finding, image_sha256: str, who: str) -> Segmentation:
        """The finding as it is announced, its mask stored."""
        if finding.mask is None:
            return Segmentation(
                confidence=finding.confidence,
                backdrop=finding.backdrop,
                segmenter=who,
                refusal=finding.refusal.reason if finding.refusal else "no_product",
                refusal_detail=finding.refusal.detail if finding.refusal else None,
            )
        data = encode_image(finding.mask)
        height, width = finding.mask.shape
        ref = self._stored(mask_key(image_sha256, who, digest(data)), data, "png", (width, height))
        return Segmentation(
            mask=ref,
            confidence=finding.confidence,
            backdrop=finding.backdrop,
            box=box_of(finding.mask),
            area=float((finding.mask > 0).mean()),
            border_contact=tuple(side for side, share in contact(finding.mask > 0).items() if share >= TOUCH),
            segmenter=who,
        )


def _json(said: ProductSegmented) -> bytes:
    return said.model_dump_json().encode()


def box_of(mask: Pixels) -> Box:
    """The smallest box around a mask that is not empty."""
    ys, xs = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    left, top = int(xs[0]), int(ys[0])
    return Box(x=left, y=top, width=int(xs[-1]) - left + 1, height=int(ys[-1]) - top + 1)
