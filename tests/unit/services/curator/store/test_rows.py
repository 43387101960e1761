"""Values to rows and back."""

from datetime import UTC, datetime, timedelta, timezone

from services.curator.records import Release, Review, Sample, Window
from services.curator.store import rows
from services.curator.store.tables import ReleaseRow, ReviewRow, SampleRow
from shared.contracts.blobs import BlobRef

IMAGE = BlobRef(bucket="backdrop", key="images/a.jpg", sha256="1" * 64, size=1, width=8, height=9)


def test_a_sample_comes_back_with_every_bit_of_its_hash_and_its_revision() -> None:
    for phash, mask in ((0xFEDC_BA98_7654_3210, IMAGE), (None, None)):
        sample = Sample(
            product_id="a",
            image=IMAGE,
            mask=mask,
            captions=("x", "y"),
            product="mug",
            promoted=True,
            may_train=True,
            reason="kept",
            scores={"area": 0.5},
            phash=phash,
            revision=2**53 - 1,
        )
        columns = rows.of_sample(sample)
        assert rows.sample(SampleRow(**columns)) == sample
        assert columns["key"] == sample.key


def test_a_review_and_a_release_come_back() -> None:
    review = Review(product_id="a", request_id="r", image=IMAGE, raters=3, product_defects=1, background_defects=2)
    assert rows.review(ReviewRow(**rows.of_review(review))) == review
    release = Release(dataset="d", sequence=2, content="c" * 64, manifest=IMAGE, samples=3, counts={"train": 3})
    assert rows.release(ReleaseRow(**rows.of_release(release))) == release


def test_the_bounds_of_a_window_are_kept_in_utc() -> None:
    start = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    window = Window(
        product_id="a", start=start, end=datetime(2026, 3, 1, 14), impressions=1, clicks=0, saves=0, long_clicks=0
    )
    columns = rows.of_window(window)
    assert columns["window_start"] == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert columns["window_end"] == datetime(2026, 3, 1, 14, tzinfo=UTC)
