"""Values to table rows and back."""

from datetime import UTC, datetime
from typing import Any

from services.curator.pixels.embedding import Embedding
from services.curator.records import Option, Release, Review, Sample, Window
from services.curator.store.hashing import joined, parts
from services.curator.store.tables import BANDS, SKETCH, OptionRow, ReleaseRow, ReviewRow, SampleRow, WindowRow
from shared.contracts.blobs import BlobRef
from shared.contracts.events import in_utc


def of_sample(sample: Sample) -> dict[str, Any]:
    """Columns of a sample."""
    bands = (None,) * len(BANDS) if sample.phash is None else parts(sample.phash)
    seen = sample.embedding
    sketch = (None,) * len(SKETCH) if seen is None else parts(seen.sketch)
    return {
        "product_id": sample.product_id,
        "image_sha256": sample.image.sha256,
        "key": sample.key,
        "revision": sample.revision,
        "image": sample.image.model_dump(),
        "mask": sample.mask.model_dump() if sample.mask else None,
        "captions": list(sample.captions),
        "product": storable(sample.product),
        "promoted": sample.promoted,
        "may_train": sample.may_train,
        "reason": sample.reason,
        "scores": sample.scores,
        "category": storable(sample.category),
        "merchant": storable(sample.merchant),
        "judged": datetime.now(UTC),
        "embedder": seen.model if seen else None,
        "embedding": seen.data if seen else None,
        **dict(zip(BANDS, bands, strict=True)),
        **dict(zip(SKETCH, sketch, strict=True)),
    }


def storable(text: str) -> str:
    """Words as PostgreSQL keeps them, which has no character 0."""
    return text.replace("\x00", " ")


def sample(row: SampleRow) -> Sample:
    """A sample of its row."""
    return Sample(
        product_id=row.product_id,
        image=BlobRef.model_validate(row.image),
        mask=BlobRef.model_validate(row.mask) if row.mask else None,
        captions=tuple(row.captions),
        product=row.product,
        promoted=row.promoted,
        may_train=row.may_train,
        reason=row.reason,  # type: ignore[arg-type]
        scores=dict(row.scores),
        phash=None if row.band_0 is None else phash((row.band_0, row.band_1, row.band_2)),
        revision=row.revision,
        category=row.category,
        merchant=row.merchant,
        embedding=None if row.embedding is None else Embedding(row.embedder or "", row.embedding),
    )


def phash(bands: tuple[Any, ...]) -> int:
    """The hash of its columns."""
    return joined(bands)


def of_window(window: Window) -> dict[str, Any]:
    """Columns of a window; times in UTC, since SQLite keeps no zone and the same instant must be the same key."""
    return {
        "product_id": window.product_id,
        "window_start": in_utc(window.start),
        "window_end": in_utc(window.end),
        "impressions": window.impressions,
        "clicks": window.clicks,
        "saves": window.saves,
        "long_clicks": window.long_clicks,
        "request_id": window.request_id,
        "image_sha256": window.image_sha256,
    }


def window(row: WindowRow) -> Window:
    """A window of its row."""
    return Window(
        product_id=row.product_id,
        start=in_utc(row.window_start),
        end=in_utc(row.window_end),
        impressions=row.impressions,
        clicks=row.clicks,
        saves=row.saves,
        long_clicks=row.long_clicks,
        request_id=row.request_id,
        image_sha256=row.image_sha256,
    )


def of_option(option: Option) -> dict[str, Any]:
    """Columns of an option."""
    return {
        "request_id": option.request_id,
        "image_sha256": option.image.sha256,
        "product_id": option.product_id,
        "key": option.key,
        "image": option.image.model_dump(),
        "mask": option.mask.model_dump() if option.mask else None,
        "captions": [storable(caption) for caption in option.captions],
        "plate": storable(option.plate),
        "model": storable(option.model),
    }


def option(row: OptionRow) -> Option:
    """An option of its row."""
    return Option(
        product_id=row.product_id,
        request_id=row.request_id,
        image=BlobRef.model_validate(row.image),
        mask=BlobRef.model_validate(row.mask) if row.mask else None,
        captions=tuple(row.captions),
        plate=row.plate,
        model=row.model,
    )


def of_review(review: Review) -> dict[str, Any]:
    """Columns of a review."""
    return {
        "request_id": review.request_id,
        "image_sha256": review.image.sha256,
        "product_id": review.product_id,
        "image": review.image.model_dump(),
        "raters": review.raters,
        "product_defects": review.product_defects,
        "background_defects": review.background_defects,
        "rater": storable(review.rater),
    }


def review(row: ReviewRow) -> Review:
    """A review of its row."""
    return Review(
        product_id=row.product_id,
        request_id=row.request_id,
        image=BlobRef.model_validate(row.image),
        raters=row.raters,
        product_defects=row.product_defects,
        background_defects=row.background_defects,
        rater=row.rater,
    )


def of_release(release: Release) -> dict[str, Any]:
    """Columns of a release."""
    return {
        "dataset": release.dataset,
        "sequence": release.sequence,
        "content": release.content,
        "manifest": release.manifest.model_dump(),
        "samples": release.samples,
        "counts": release.counts,
        "announced": False,
        "released": datetime.now(UTC),
    }


def release(row: ReleaseRow) -> Release:
    """A release of its row."""
    return Release(
        dataset=row.dataset,
        sequence=row.sequence,
        content=row.content,
        manifest=BlobRef.model_validate(row.manifest),
        samples=row.samples,
        counts=dict(row.counts),
    )
