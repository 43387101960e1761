"""What the gateway does for a brand: photos, masks, scenes, votes and picks become events. No HTTP, no SQL."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.gateway.callers.tenants import own_id, tenant_of
from services.gateway.pictures.clicking import SmallPhotos, sized
from services.gateway.ports import Click, Corners, MaskRefiner
from services.gateway.records import Product
from shared.contracts.blobs import BlobRef, BlobStore, digest
from shared.contracts.errors import BadRequest, NotKnown, Permanent
from shared.contracts.events import (
    BackgroundRequested,
    ImageSource,
    ProductFacts,
    ProductSubmitted,
    ProductWithdrawn,
    Scene,
)
from shared.contracts.images import CONTENT_TYPES, Pixels, decode_mask, decode_photo, encode_image
from shared.contracts.picture_files.reading import read_picture_file

NOTHING_SAID = ProductFacts()
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


class NoRefiner(Permanent):
    """Clicks cannot be answered here, because no model was wired."""


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, kw_only=True)
class NewPhoto:
    """What is submitted: bytes or a URL, perhaps a mask, and what the platform says of the product."""

    data: bytes | None = None
    url: str | None = None
    mask: bytes | None = None
    mask_url: str | None = None
    product_id: str | None = None
    facts: ProductFacts = NOTHING_SAID
    scenes: tuple[Scene, ...] = ()


@dataclass(frozen=True)
class Uploads:
    """Bytes of a tenant, content-addressed under a prefix of its own."""

    blobs: BlobStore

    def put(self, tenant: str, data: bytes) -> str:
        """The key of a picture's bytes. Raises BadImage for what is none, by its content and not by its name."""
        extension = EXTENSIONS[read_picture_file(data).format]
        key = f"{prefix_of(tenant)}{digest(data)}.{extension}"
        self.blobs.put_if_absent(key, data, CONTENT_TYPES[extension])
        return key


def prefix_of(tenant: str) -> str:
    """Where the uploads of a tenant are; no other may name them."""
    return f"uploads/{tenant}/"


@dataclass(frozen=True)
class SubmitProduct:
    """A photo becomes product.submitted; what can be told of the file at once is told at once."""

    uploads: Uploads
    clock: Callable[[], int] = _milliseconds

    def __call__(self, tenant: str, photo: NewPhoto) -> ProductSubmitted:
        """Stores the bytes; the event is to be announced. Raises BadImage or BadRequest."""
        product_id = own_id(tenant, photo.product_id or f"product-{secrets.token_hex(8)}")
        for scene in photo.scenes:
            check_reference(tenant, scene)
        # all of it is decoded: who waits for an answer hears now that a file is damaged
        size = None if photo.data is None else decode_photo(photo.data).size
        return ProductSubmitted(
            product_id=product_id,
            image=ImageSource(url=photo.url) if photo.data is None else self._stored(tenant, photo.data),
            facts=photo.facts,
            mask=self._mask(tenant, photo, size),
            scenes=photo.scenes,
            revision=self.clock(),
        )

    def _mask(self, tenant: str, photo: NewPhoto, size: tuple[int, int] | None) -> ImageSource | None:
        if photo.mask is None:
            return None if photo.mask_url is None else ImageSource(url=photo.mask_url)
        if size is not None:
            decode_mask(photo.mask, size)
        return self._stored(tenant, photo.mask)

    def _stored(self, tenant: str, data: bytes) -> ImageSource:
        return ImageSource(key=self.uploads.put(tenant, data))


@dataclass(frozen=True)
class CorrectMask:
    """A person's own mask, and proposals for one from clicks."""

    uploads: Uploads
    small: SmallPhotos
    refiner: MaskRefiner | None
    clock: Callable[[], int] = _milliseconds

    def save(self, product: Product, data: bytes) -> ProductSubmitted:
        """The product told anew with this mask; no scene is painted again. Raises BadImage, NotKnown."""
        image = known_image(product)
        size = (image.width, image.height) if image.width and image.height else self.small(image).size
        decode_mask(data, size)
        key = self.uploads.put(product.tenant, data)
        return ProductSubmitted(
            product_id=product.product_id,
            image=ImageSource(key=image.key),
            facts=product.newest.facts,
            mask=ImageSource(key=key),
            revision=max(self.clock(), product.newest.revision + 1),
        )

    def propose(
        self, product: Product, clicks: tuple[Click, ...], box: Corners | None, longest_side: int | None = None
    ) -> Pixels:
        """The mask (H, W) that the clicks ask for, of the photo's size or soft and small; nothing is stored."""
        if self.refiner is None:
            words = "clicks need a segmentation model in reach: set GATEWAY_REFINER to a segmenter's /refine"
            raise NoRefiner("no_mask_refiner", words)
        photo = self.small(known_image(product))
        return sized(self.refiner.refine(photo.png, photo.sha256, clicks, box), photo.size, longest_side)


def png_of(mask: Pixels) -> bytes:
    """A mask of one channel."""
    return encode_image(mask)


def extent(mask: Pixels) -> tuple[float, tuple[int, int, int, int] | None]:
    """Share of the photo, and the box (x, y, width, height) in pixels; None for an empty mask."""
    inside = mask >= 128
    ys, xs = np.nonzero(inside.any(axis=1))[0], np.nonzero(inside.any(axis=0))[0]
    if not len(xs):
        return 0.0, None
    left, top = int(xs[0]), int(ys[0])
    return float(inside.mean()), (left, top, int(xs[-1]) - left + 1, int(ys[-1]) - top + 1)


def known_image(product: Product) -> BlobRef:
    """The stored photo. Raises NotKnown while no stage has seen it."""
    if product.image is None:
        raise NotKnown("photo_not_seen_yet", "the photo is still being looked at; try again in a moment")
    return product.image


def request_background(product_id: str, scene: Scene, request_id: str | None = None) -> BackgroundRequested:
    """One more scene. Raises BadRequest for a reference that is not the tenant's own."""
    check_reference(tenant_of(product_id), scene)
    return BackgroundRequested(
        product_id=product_id, request_id=request_id or f"request-{secrets.token_hex(10)}", scene=scene
    )


def check_reference(tenant: str, scene: Scene) -> None:
    """Raise BadRequest when a reference names bytes that this tenant did not upload."""
    key = scene.reference.key if scene.reference else None
    if key is not None and (not key.startswith(prefix_of(tenant)) or ".." in key):
        raise BadRequest("reference_not_yours", "upload the picture with POST /v1/references and give the key it names")


def withdraw(product: Product, reason: str) -> ProductWithdrawn:
    """The owner's opt-out of training."""
    return ProductWithdrawn(product_id=product.product_id, reason=reason, revision=_milliseconds())


def fingerprint(*parts: object) -> str:
    """What makes a request the same as an earlier one under the same Idempotency-Key."""
    texts = [digest(part) if isinstance(part, bytes) else str(part) for part in parts]
    return digest(json.dumps(texts).encode())
