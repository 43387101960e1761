"""Windows of engagement are remembered once, for photos and for options that were painted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.curator.curator import Curator
from services.curator.engagement import RecordEngagement
from services.curator.records import Option, Window
from shared.contracts.blobs import BlobRef
from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.events import (
    BackgroundGenerated,
    GeneratedImage,
    ProductCaptioned,
    ProductEngaged,
    Scene,
    Scores,
)
from shared.contracts.images import encode_image
from shared.contracts.manifests import RequestManifest, manifest_key
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue

from .conftest import scene

Captioned = Callable[..., ProductCaptioned]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def engage(curator: Curator, event: ProductEngaged) -> None:
    curator.engage([event])


def test_engagement_told_twice_counts_once(curator: Curator, catalogue: MemoryCatalogue) -> None:
    event = ProductEngaged(
        product_id="mug", impressions=100, clicks=3, saves=2, long_clicks=1, window_start=NOON, window_end=NOON
    )
    engage(curator, event)
    engage(curator, event)
    assert list(catalogue.windows.values()) == [
        Window(product_id="mug", start=NOON, end=NOON, impressions=100, clicks=3, saves=2, long_clicks=1)
    ]


def test_an_option_is_looked_up_where_it_was_painted_and_its_windows_are_its_own(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue, blobs: MemoryBlobs
) -> None:
    mug = captioned("mug")
    curator.curate([mug])
    image = painted(blobs, mug, "r-1")
    event = ProductEngaged(
        product_id="mug", impressions=100, clicks=3, window_start=NOON, window_end=NOON, request_id="r-1", image=image
    )
    for _ in range(2):
        engage(curator, event)
    (engaged,) = catalogue.engaged()
    assert isinstance(engaged.picture, Option)
    assert (engaged.picture.captions, engaged.picture.plate, engaged.picture.model) == (("on oak",), "oak-1", "m @ 1")
    (window,) = engaged.windows
    assert engaged.picture.mask == mug.segmentation.mask
    assert (window.request_id, window.image_sha256) == ("r-1", image.sha256)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"request_id": "r-2"}, "blob_missing"),
        ({"product_id": "lamp"}, "request_of_another"),
        ({"image": None}, "option_not_known"),
    ],
)
def test_an_option_that_was_never_painted_is_refused(
    curator: Curator,
    captioned: Captioned,
    catalogue: MemoryCatalogue,
    blobs: MemoryBlobs,
    changed: dict[str, Any],
    reason: str,
) -> None:
    image = painted(blobs, captioned("mug"), "r-1")
    other = image.model_copy(update={"sha256": "0" * 64})
    said = {"product_id": "mug", "request_id": "r-1", "image": image} | changed
    said["image"] = said["image"] or other
    with pytest.raises(NotKnown) as caught:
        engage(curator, ProductEngaged(impressions=9, clicks=1, window_start=NOON, window_end=NOON, **said))
    assert caught.value.reason == reason and catalogue.windows == {}


def painted(blobs: MemoryBlobs, event: ProductCaptioned, request_id: str) -> BlobRef:
    image = blobs.put(f"backgrounds/{request_id}/1.png", encode_image(scene(7)), "image/png")
    scores = Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
    assert event.segmentation.mask is not None
    one = GeneratedImage(image=image, seed=1, prompt="on oak", scores=scores, model="m @ 1", plate="oak-1")
    made = BackgroundGenerated(
        product_id=event.product_id,
        request_id=request_id,
        scene=Scene(),
        photo=event.image,
        mask=event.segmentation.mask,
        images=(one,),
    )
    blobs.put(manifest_key(request_id), RequestManifest.of(made).model_dump_json().encode(), "application/json")
    return image


def test_a_window_that_is_not_over_yet_is_refused_by_its_field(curator: Curator, catalogue: MemoryCatalogue) -> None:
    event = ProductEngaged(product_id="mug", impressions=9, clicks=1, window_start=NOON, window_end=NOON)
    tomorrow, day_after = datetime(2026, 3, 2, 23, 59), datetime(2026, 3, 3, 0, 1)  # without a zone: UTC
    with pytest.raises(BadRequest, match="window_end: lies in the future") as caught:
        engage(curator, event.model_copy(update={"window_end": day_after}))
    assert caught.value.reason == "bad_event" and catalogue.windows == {}
    engage(curator, event.model_copy(update={"window_end": tomorrow}))
    assert len(catalogue.windows) == 1


def test_one_bad_window_of_a_batch_does_not_keep_the_others_from_being_remembered(
    curator: Curator, catalogue: MemoryCatalogue
) -> None:
    good = ProductEngaged(product_id="mug", impressions=9, clicks=1, window_start=NOON, window_end=NOON)
    late = good.model_copy(update={"window_end": NOON + timedelta(days=9)})
    with pytest.raises(BadRequest):
        curator.engage([late, good, good.model_copy(update={"product_id": "cup"})])
    assert {one.product_id for one in catalogue.windows.values()} == {"mug", "cup"}


def test_a_window_counts_from_its_start_to_its_end(curator: Curator, catalogue: MemoryCatalogue) -> None:
    start, end = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    engage(
        curator,
        ProductEngaged(
            product_id="mug", impressions=9, clicks=4, saves=3, long_clicks=2, window_start=start, window_end=end
        ),
    )
    assert list(catalogue.windows.values()) == [
        Window(product_id="mug", start=start, end=end, impressions=9, clicks=4, saves=3, long_clicks=2)
    ]


def test_a_clock_may_be_a_day_ahead_and_no_more(catalogue: MemoryCatalogue, blobs: MemoryBlobs) -> None:
    engage = RecordEngagement(catalogue, blobs, clock=lambda: NOON)
    event = ProductEngaged(product_id="mug", impressions=9, clicks=1, window_start=NOON, window_end=NOON)
    engage([event.model_copy(update={"window_end": NOON + timedelta(days=1)})])
    with pytest.raises(BadRequest, match=r"window_end: lies in the future \(2026-03-02T12:00:01\+00:00\)"):
        engage([event.model_copy(update={"window_end": NOON + timedelta(days=1, seconds=1)})])


def test_without_a_clock_of_its_own_it_is_now(catalogue: MemoryCatalogue, blobs: MemoryBlobs) -> None:
    now = datetime.now(UTC)
    event = ProductEngaged(product_id="mug", impressions=9, clicks=1, window_start=NOON, window_end=now)
    engage = RecordEngagement(catalogue, blobs)
    engage([event])
    with pytest.raises(BadRequest):
        engage([event.model_copy(update={"window_end": now + timedelta(days=1, minutes=5)})])
