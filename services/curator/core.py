"""What curating means here: judge a photo once, remember engagement, reviews, opt-outs. No Kafka or SQL here."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.curator.books import SampleBook
from services.curator.looks import Looks, looks
from services.curator.options import option_of
from services.curator.records import Consent, Review, Sample, Window
from services.curator.rules import (
    METADATA_RULES,
    PIXEL_RULES,
    Measured,
    Metadata,
    MetadataRule,
    PixelRule,
    Verdict,
    judge_metadata,
    judge_pixels,
)  # fmt: skip
from shared.contracts.blobs import BlobStore, fetch, stage_key, withdrawn_key
from shared.contracts.errors import BadRequest
from shared.contracts.events import (
    BackgroundReviewed,
    ProductCaptioned,
    ProductEngaged,
    ProductWithdrawn,
    SampleCurated,
    in_utc,
)
from shared.contracts.images import decode_mask, decode_photo

CLOCK_SKEW = timedelta(days=1)  # what a platform's clock and its missing time zone may amount to


@dataclass(frozen=True, kw_only=True)
class CurateSample:
    """Judges one captioned photo. A redelivery announces the same verdict.

    Only a picture like it that comes later and goes before it can change it afterwards, in the catalogue.
    """

    catalogue: SampleBook
    blobs: BlobStore
    metadata_rules: tuple[MetadataRule, ...] = METADATA_RULES
    pixel_rules: tuple[PixelRule, ...] = PIXEL_RULES

    def __call__(self, event: ProductCaptioned) -> SampleCurated:
        """The verdict on the event's photo. Raises BadImage for bytes that are no photo, NotKnown without them."""
        consent = self.catalogue.consent(event.product_id)
        key = _manifest_key(event)
        if not consent.withdrawn and self.blobs.find(key) is not None:
            return SampleCurated.model_validate_json(self.blobs.get(key))
        sample = self._judged(event, consent)
        if consent.withdrawn:
            return _curated(sample)  # nothing of it is kept, not even the verdict
        curated = _curated(self.catalogue.put_sample(sample))
        self.blobs.put_if_absent(key, curated.model_dump_json().encode(), "application/json")
        return SampleCurated.model_validate_json(self.blobs.get(key))

    def _judged(self, event: ProductCaptioned, consent: Consent) -> Sample:
        metadata = Metadata(
            facts=event.facts, segmentation=event.segmentation, caption=event.caption, withdrawn=consent.withdrawn,
            outweighed=not consent.covers(event.revision),
        )  # fmt: skip
        verdict = judge_metadata(metadata, self.metadata_rules)
        if not verdict.kept:
            return _sample(event, verdict, None)
        seen = self._look(event)
        return _sample(event, judge_pixels(Measured(seen), verdict.scores, self.pixel_rules), seen)

    def _look(self, event: ProductCaptioned) -> Looks:
        photo = decode_photo(fetch(self.blobs, event.image))
        mask = event.segmentation.mask
        assert mask is not None  # the rule Usable has seen to it
        return looks(photo.rgb, decode_mask(fetch(self.blobs, mask), photo.size))


def _sample(event: ProductCaptioned, verdict: Verdict, seen: Looks | None) -> Sample:
    caption = event.caption
    return Sample(
        product_id=event.product_id,
        image=event.image,
        mask=event.segmentation.mask,
        captions=_captions(caption.background_short, caption.background_long) if caption else (),
        product=caption.product_short if caption else "",
        promoted=event.facts.promoted,
        may_train=event.facts.may_train,
        reason=verdict.reason,
        scores=verdict.scores,
        phash=seen.phash if seen else None,
        revision=event.revision,
        category=event.facts.category or "",
        merchant=event.facts.merchant or "",
    )


def _captions(*texts: str) -> tuple[str, ...]:
    """Without empty ones and repetitions."""
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _curated(sample: Sample) -> SampleCurated:
    return SampleCurated(
        product_id=sample.product_id,
        image_sha256=sample.image.sha256,
        verdict="kept" if sample.kept else "dropped",
        reason=sample.reason,
        scores=sample.scores,
    )


def _manifest_key(event: ProductCaptioned) -> str:
    """One verdict per photo, revision and all that was known of it; what a brand wants painted does not matter."""
    known = event.model_copy(update={"scenes": ()}).model_dump_json()
    return stage_key(
        event.product_id, f"curated-{event.image.sha256[:16]}-{hashlib.sha256(known.encode()).hexdigest()[:12]}"
    )


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RecordEngagement:
    """Adds a window of engagement to the record of a product's photos, or of one of its options."""

    catalogue: SampleBook
    blobs: BlobStore
    clock: Callable[[], datetime] = _now

    def __call__(self, event: ProductEngaged) -> None:
        """Idempotent: the same window twice counts once.

        Raises BadRequest for one that is not over yet, NotKnown for an option that was never painted for the product.
        """
        if in_utc(event.window_end) > self.clock() + CLOCK_SKEW:
            raise BadRequest("bad_event", f"window_end: lies in the future ({event.window_end.isoformat()})")
        window = Window(
            product_id=event.product_id, start=event.window_start, end=event.window_end,
            impressions=event.impressions, clicks=event.clicks, saves=event.saves, long_clicks=event.long_clicks,
            request_id=event.request_id or "", image_sha256=event.image.sha256 if event.image else "",
        )  # fmt: skip
        if window.request_id:
            self._know(window)
        self.catalogue.put_window(window)

    def _know(self, window: Window) -> None:
        option = window.product_id, window.request_id, window.image_sha256
        if not self.catalogue.has_option(*option):
            self.catalogue.put_option(option_of(self.blobs, *option))


@dataclass(frozen=True)
class RecordReview:
    """Adds raters' votes; the votes are stored, not a label made of them."""

    catalogue: SampleBook

    def __call__(self, event: BackgroundReviewed) -> None:
        """Idempotent: the same output again replaces its votes."""
        review = Review(
            product_id=event.product_id, request_id=event.request_id, image=event.image, raters=event.raters,
            product_defects=event.product_defects, background_defects=event.background_defects,
        )  # fmt: skip
        self.catalogue.put_review(review)


@dataclass(frozen=True)
class WithdrawProduct:
    """Honours an opt-out."""

    catalogue: SampleBook
    blobs: BlobStore

    def __call__(self, event: ProductWithdrawn) -> None:
        """The product's samples are forgotten; datasets released from now on do without it and name it.

        Trainings that run by now find the note.
        """
        self.catalogue.withdraw(event.product_id, event.reason, event.revision)
        note = json.dumps({"product_id": event.product_id}).encode()
        self.blobs.put_if_absent(withdrawn_key(event.product_id), note, "application/json")
