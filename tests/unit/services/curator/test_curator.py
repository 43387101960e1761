"""Everything the curator does, in one place: releases with their events, and the styles of what is liked."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from services.curator.curator import Curator
from services.curator.datasets.release import DatasetName, ReleaseDatasets
from services.curator.records import Release
from shared.contracts.errors import DependencyDown
from shared.contracts.events import (
    DatasetReleased,
    ProductCaptioned,
    ProductEngaged,
    ProductWithdrawn,
    StyleMined,
    TrainingRequested,
)
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue

from .conftest import curator_over
from .datasets.test_release import NAMES, NOON, keep

Captioned = Callable[..., ProductCaptioned]


def test_the_same_release_makes_the_same_events_known(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, *NAMES)
    release = curator.release("product")
    assert release is not None
    released, request = curator.events(release)
    assert isinstance(released, DatasetReleased) and isinstance(request, TrainingRequested)
    assert curator.events(release) == (released, request)


ON_OAK, IN_GARDENS = tuple(f"oak {n}" for n in range(6)), tuple(f"garden {n}" for n in range(6))


def engage(curator: Curator, clicks: int, names: Iterable[str]) -> None:
    curator.engage(
        [
            ProductEngaged(product_id=name, impressions=100, clicks=clicks, window_start=NOON, window_end=NOON)
            for name in names
        ]
    )


def on_oak_and_in_gardens(curator: Curator, captioned: Captioned) -> None:
    """Photos of both, of which people like those on oak."""
    oak = captioned("mug").caption
    assert oak is not None
    garden = oak.model_copy(update={"background_short": "green garden", "background_long": "in a green garden"})
    for name in (*ON_OAK, *IN_GARDENS):
        curator.curate([captioned(name).model_copy(update={"caption": oak if name in ON_OAK else garden})])
    engage(curator, 60, ON_OAK)
    engage(curator, 1, IN_GARDENS)


def announced(curator: Curator, name: DatasetName) -> None:
    """A release, as the service makes and announces it."""
    curator.release(name)
    for release, _ in curator.unannounced():
        curator.mark_announced(release)


def test_styles_are_announced_with_what_is_liked_and_retire_when_it_is_not_any_more(
    curator: Curator, captioned: Captioned
) -> None:
    on_oak_and_in_gardens(curator, captioned)
    announced(curator, "product")
    assert curator.unannounced_styles() == []
    announced(curator, "engaged")
    first = {style.style: style for style in curator.unannounced_styles()}
    assert {"wooden table", "brick wall"} <= first.keys() and "green garden" not in first
    table = first["wooden table"]
    assert (table.revision, table.retired, len(table.plates), len(table.examples)) == (1, False, 4, 4)
    for style in first.values():
        curator.mark_style_announced(style)
    announced(curator, "engaged")
    assert curator.unannounced_styles() == []
    engage(curator, 1, ON_OAK)
    engage(curator, 60, IN_GARDENS)
    announced(curator, "engaged")
    then = {style.style: style for style in curator.unannounced_styles()}
    assert (then["wooden table"].retired, then["wooden table"].revision) == (True, 2)
    assert then["wooden table"].examples == then["wooden table"].plates == ()
    assert not then["green garden"].retired


def test_a_style_shows_no_product_whose_owner_withdrew_it_though_no_release_is_due_for_it(
    curator: Curator, captioned: Captioned
) -> None:
    on_oak_and_in_gardens(curator, captioned)
    curator.mine_styles()
    shown = curator.catalogue.styles()["wooden table"]
    for style in curator.unannounced_styles():
        curator.mark_style_announced(style)
    gone = shown.examples[0]
    curator.withdraw(ProductWithdrawn(product_id=gone.product_id))
    curator.renew_styles()
    now = {style.style: style for style in curator.unannounced_styles()}["wooden table"]
    assert gone.product_id not in {one.product_id for one in now.examples} and len(now.plates) == 4
    assert not set(now.plates) >= set(shown.plates) and now.revision == 2
    for name in (*ON_OAK, *IN_GARDENS):
        curator.withdraw(ProductWithdrawn(product_id=name))
    curator.renew_styles()
    assert all(style.retired and not style.plates for style in curator.catalogue.styles().values())


def test_what_is_announced_is_not_announced_again(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, *NAMES)
    ((release, _),) = [pair for _ in curator.release_due() for pair in curator.unannounced()]
    curator.mark_announced(release)
    assert curator.unannounced() == []


def test_an_outage_between_a_release_and_its_styles_loses_neither(captioned: Captioned, blobs: MemoryBlobs) -> None:
    class Failing(MemoryCatalogue):
        takes_styles = False

        def put_styles(self, styles: Iterable[StyleMined], /) -> None:
            if not self.takes_styles:
                raise DependencyDown("catalogue_down", "the catalogue does not answer")
            super().put_styles(styles)

    catalogue = Failing()
    curator = curator_over(catalogue, blobs)
    on_oak_and_in_gardens(curator, captioned)
    with pytest.raises(DependencyDown):
        announced(curator, "engaged")
    catalogue.takes_styles = True
    announced(curator, "engaged")
    assert curator.unannounced() == []
    assert "wooden table" in {style.style for style in curator.unannounced_styles()}


def test_a_dataset_that_cannot_be_made_keeps_no_other_back(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, *NAMES)

    class Broken(ReleaseDatasets):
        def due(self) -> list[DatasetName]:
            return ["judge", "product"]

        def release(self, name: DatasetName) -> Release | None:
            if name == "judge":
                raise RuntimeError("a shard is too large")
            return super().release(name)

    broken = replace(curator, releases=Broken(**vars(curator.releases)))
    with pytest.raises(RuntimeError, match="too large"):
        broken.release_due()
    assert [release.dataset for release, _ in broken.unannounced()] == ["product"]
