"""Handing photos over: bytes into the blob store, and the events that say so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from backdrop.submitting.catalogue import ShopEngagement
from backdrop.submitting.photos import Photos, ProductPhoto, RefusedPhoto
from backdrop.submitting.submissions import SubmittedProduct, refused, submitted
from shared.contracts.blobs import BlobStore
from shared.contracts.events import Event, ProductEngaged, Scene
from shared.contracts.images import CONTENT_TYPES

WINDOW = timedelta(days=28)


def hand_over(photos: Photos, scenes: tuple[Scene, ...], blobs: BlobStore) -> Iterator[SubmittedProduct]:
    """Upload each photo (and mask) under the hash of its bytes; refused ones come last, with their reason."""
    for photo in photos.submitted:
        yield _uploaded(photo, scenes, blobs)
    for refusal in photos.refused:
        yield refused(refusal, scenes)


def events_of(
    product: SubmittedProduct, engagement: ShopEngagement | None, *, now: datetime | None = None
) -> list[Event]:
    """What is published for a product: that it exists, and how people met it where that is known."""
    events: list[Event] = [product.event()]
    if engagement is not None:
        end = engagement.window_end or now or datetime.now(UTC)
        counts = engagement.model_dump(include={"impressions", "clicks", "saves", "long_clicks"})
        start = engagement.window_start or end - WINDOW
        events.append(ProductEngaged(product_id=product.product_id, window_start=start, window_end=end, **counts))
    return events


def _uploaded(photo: ProductPhoto, scenes: tuple[Scene, ...], blobs: BlobStore) -> SubmittedProduct:
    try:
        data = photo.path.read_bytes()
        mask = photo.mask.read_bytes() if photo.mask else None
    except OSError as error:
        detail = f"{photo.path.name} cannot be read: {error.strerror}"
        return refused(RefusedPhoto(product_id=photo.product_id, reason="image_unreadable", detail=detail), scenes)
    product = submitted(photo, data, scenes, mask=mask, now=datetime.now(UTC))
    _put_once(blobs, product.image_key, data)
    if mask is not None:
        _put_once(blobs, product.mask_key, mask)
    return product


def _put_once(blobs: BlobStore, key: str | None, data: bytes) -> None:
    """Content-addressed, so what is there already is the same."""
    if key is not None:
        blobs.put_if_absent(key, data, CONTENT_TYPES[key.rpartition(".")[2]])
