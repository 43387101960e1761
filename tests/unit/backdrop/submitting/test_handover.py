"""Handing over: bytes under their hash, events that say so."""

from datetime import UTC, datetime
from pathlib import Path

from backdrop.submitting.catalogue import ShopEngagement
from backdrop.submitting.handover import events_of, hand_over
from backdrop.submitting.photos import Photos, ProductPhoto, RefusedPhoto
from shared.contracts.blobs import digest
from shared.contracts.events import ProductEngaged, Scene
from tests.fakes.answers import MASK, PHOTO, product
from tests.fakes.blobs import MemoryBlobs


def test_photo_and_mask_are_stored_under_the_hash_of_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "cup.png").write_bytes(PHOTO)
    (tmp_path / "cup-mask.png").write_bytes(MASK)
    photo = ProductPhoto(product_id="cup", path=tmp_path / "cup.png", mask=tmp_path / "cup-mask.png")
    blobs = MemoryBlobs()
    (handed,) = hand_over(Photos(submitted=(photo,)), (Scene(),), blobs)
    assert blobs.get(f"images/{digest(PHOTO)}.png") == PHOTO
    assert blobs.get(f"images/{digest(MASK)}.png") == MASK
    assert handed.event().mask is not None


def test_a_photo_that_vanished_meanwhile_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "cup.png").write_bytes(PHOTO)
    photos = Photos(
        submitted=(
            ProductPhoto(product_id="gone", path=tmp_path / "gone.png"),
            ProductPhoto(product_id="cup", path=tmp_path / "cup.png"),
        ),
        refused=(RefusedPhoto(product_id="film", reason="format_not_taken", detail="a GIF"),),
    )
    handed = list(hand_over(photos, (Scene(),), MemoryBlobs()))
    reasons = [one.refusal.reason if one.refusal else None for one in handed]
    assert reasons == ["image_unreadable", None, "format_not_taken"]


def test_engagement_without_a_window_is_of_the_last_four_weeks() -> None:
    now = datetime(2026, 3, 29, tzinfo=UTC)
    engagement = ShopEngagement(impressions=900, clicks=40, saves=3)
    submitted, engaged = events_of(product(), engagement, now=now)
    assert submitted == product().event()
    assert isinstance(engaged, ProductEngaged)
    assert (engaged.impressions, engaged.clicks, engaged.saves, engaged.long_clicks) == (900, 40, 3, 0)
    assert (engaged.window_start, engaged.window_end) == (datetime(2026, 3, 1, tzinfo=UTC), now)


def test_a_product_nobody_has_counted_is_only_submitted() -> None:
    assert events_of(product(), None) == [product().event()]
