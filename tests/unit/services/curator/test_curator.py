"""Everything the curator does, in one place: releases with their events, and the styles of what is liked."""

from collections.abc import Callable

from services.curator.curator import Curator
from shared.contracts.events import DatasetReleased, ProductCaptioned, ProductEngaged, TrainingRequested
from tests.fakes.blobs import MemoryBlobs

from .datasets.test_release import NAMES, NOON, keep

Captioned = Callable[..., ProductCaptioned]


def test_the_same_release_makes_the_same_events_known(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, *NAMES)
    release = curator.release("product")
    assert release is not None
    released, request = curator.events(release)
    assert isinstance(released, DatasetReleased) and isinstance(request, TrainingRequested)
    assert curator.events(release) == (released, request)


def test_styles_are_mined_once_with_each_new_version_of_what_is_liked(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    keep(curator, captioned, *NAMES)
    for name in NAMES:
        curator.engage(
            ProductEngaged(product_id=name, impressions=100, clicks=9, window_start=NOON, window_end=NOON)
        )  # fmt: skip
    curator.release("product")
    assert list(blobs.keys("styles/")) == []
    first = curator.release("engaged")
    (key,) = blobs.keys("styles/")
    blobs.stored.pop(key)
    assert curator.release("engaged") == first and list(blobs.keys("styles/")) == []


def test_what_is_announced_is_not_announced_again(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, *NAMES)
    ((release, _),) = [pair for _ in curator.release_due() for pair in curator.unannounced()]
    curator.mark_announced(release)
    assert curator.unannounced() == []
