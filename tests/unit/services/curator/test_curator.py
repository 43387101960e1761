"""Everything the curator does, in one place: releases with their events, and the styles of what is liked."""

from collections.abc import Callable, Iterable

from services.curator.curator import Curator
from shared.contracts.events import DatasetReleased, ProductCaptioned, ProductEngaged, TrainingRequested

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


def test_styles_are_announced_with_what_is_liked_and_retire_when_it_is_not_any_more(
    curator: Curator, captioned: Captioned
) -> None:
    oak = captioned("mug").caption
    assert oak is not None
    garden = oak.model_copy(update={"background_short": "green garden", "background_long": "in a green garden"})
    for name in (*ON_OAK, *IN_GARDENS):
        curator.curate([captioned(name).model_copy(update={"caption": oak if name in ON_OAK else garden})])
    engage(curator, 60, ON_OAK)
    engage(curator, 1, IN_GARDENS)
    curator.release("product")
    assert curator.unannounced_styles() == []
    curator.release("engaged")
    first = {style.style: style for style in curator.unannounced_styles()}
    assert {"wooden table", "brick wall"} <= first.keys() and "green garden" not in first
    table = first["wooden table"]
    assert (table.revision, table.retired, len(table.plates), len(table.examples)) == (1, False, 4, 4)
    for style in first.values():
        curator.mark_style_announced(style)
    curator.release("engaged")
    assert curator.unannounced_styles() == []
    engage(curator, 1, ON_OAK)
    engage(curator, 60, IN_GARDENS)
    curator.release("engaged")
    then = {style.style: style for style in curator.unannounced_styles()}
    assert (then["wooden table"].retired, then["wooden table"].revision) == (True, 2)
    assert then["wooden table"].examples == then["wooden table"].plates == ()
    assert not then["green garden"].retired


def test_what_is_announced_is_not_announced_again(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, *NAMES)
    ((release, _),) = [pair for _ in curator.release_due() for pair in curator.unannounced()]
    curator.mark_announced(release)
    assert curator.unannounced() == []
