"""Styles: parts of descriptions whose pictures people like surely more than others."""

from datetime import UTC, datetime

import pytest

from services.curator.datasets.selection import Liked
from services.curator.records import EngagedPicture, Option, Window
from services.curator.taste.engagement import Prior
from services.curator.taste.styles import Mined, MineStyles, descriptors
from shared.contracts.blobs import BlobRef, digest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRIOR = Prior(mean=0.1, strength=50)


def met(name: str, clicks: int, *captions: str, impressions: int = 1000) -> EngagedPicture:
    image = BlobRef(bucket="backdrop", key=f"backgrounds/{name}", sha256=digest(name.encode()), size=1)
    option = Option(product_id=name, request_id=f"r-{name}", image=image, mask=None, captions=captions)
    window = Window(
        product_id=name, start=NOON, end=NOON, impressions=impressions, clicks=clicks, saves=0, long_clicks=0
    )
    return EngagedPicture(picture=option, windows=(window,), promoted=True)


LIKED = [
    met("a", 200, "on a marble counter, morning light"),
    met("b", 190, "a marble counter with green plants"),
    met("c", 180, "standing on a wooden table, morning light"),
    met("d", 210, "on a marble counter, brick wall"),
]
OTHERS = [met(f"o{n}", 50, "a wooden table, brick wall") for n in range(9)]


def mined(*pictures: EngagedPicture, min_pictures: int = 2) -> tuple[Mined, ...]:
    return MineStyles(min_pictures=min_pictures)(pictures, Liked(), PRIOR, NOON)


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        (
            "on a marble counter, a brick wall, and soft morning light.",
            {"marble counter", "brick wall", "soft morning light", "morning light"},
        ),
        ("A wooden table in front of the sea", {"wooden table"}),
        ("on an oak table by a bright window", {"oak table", "bright window"}),
        ("warm light from the left", {"warm light"}),
        ("a table", set()),
        ("one two three four five words", set()),
    ],
)
def test_a_description_is_taken_apart(caption: str, found: set[str]) -> None:
    assert descriptors([caption]) == found


def test_a_style_is_what_pictures_share_that_are_liked_surely_more_than_all() -> None:
    styles = mined(*LIKED, *OTHERS)
    assert [style.name for style in styles] == ["marble counter", "morning light"]  # neither the wall nor the table
    best = styles[0]
    assert (best.pictures, best.counts.impressions, best.counts.wanted) == (3, 3000, 600)
    assert best.words == ("marble counter", "brick wall", "green plants", "morning light")
    assert [example.engaged.product_id for example in best.examples] == ["d", "a", "b"]
    assert best.lift == pytest.approx((600 + 5) / 3050 / 0.1)
    evidence = best.evidence("0001-a")
    assert 0.1 < evidence.low < evidence.rate < evidence.high and evidence.dataset_version == "0001-a"


def test_few_pictures_and_few_views_make_no_style() -> None:
    assert mined(*LIKED, min_pictures=4) == ()
    seldom = [met(name, 2, "on a marble counter", impressions=10) for name in "abcd"]
    assert mined(*seldom) == ()


def test_only_the_best_few_pictures_are_examples() -> None:
    many = [met(f"p{n}", 200 + n, "on a marble counter") for n in range(9)]
    (style,) = MineStyles(examples=2)(many, Liked(), PRIOR, NOON)
    assert [example.said().request_id for example in style.examples] == ["r-p8", "r-p7"] and style.pictures == 9


def examples(*pictures: EngagedPicture, keep: int = 4) -> list[str]:
    (style,) = (one for one in MineStyles(examples=keep)(pictures, Liked(), PRIOR, NOON) if one.name == "oak table")
    return [one.engaged.product_id for one in style.examples]


KITCHEN = [met(f"k{n}", 300 + n, "on an oak table, blurred kitchen") for n in range(6)]
SHELVES = [met(f"s{n}", 200 + n, "on an oak table, bookshelf behind") for n in range(2)]
GARDEN = met("g", 110, "on an oak table, green garden")
PLAIN = met("p", 60, "on an oak table, plain wall")


def test_a_styles_examples_begin_with_the_best_of_each_scene_so_that_it_is_not_one_scene_only() -> None:
    pictures = [*KITCHEN, *SHELVES, GARDEN]
    assert examples(*pictures) == ["k5", "s1", "g", "k4"]
    assert examples(*reversed(pictures)) == ["k5", "s1", "g", "k4"]  # whatever came first
    assert examples(*pictures, keep=2) == ["k5", "s1"]


def test_a_scene_that_is_liked_less_than_pictures_are_is_no_example_of_what_people_like() -> None:
    assert examples(*KITCHEN, PLAIN) == ["k5", "k4", "k3", "k2"]  # one picture in ten is clicked; six in a hundred here


def test_a_scene_whose_pictures_gave_way_comes_back_when_a_better_one_of_it_passes() -> None:
    better = met("g2", 400, "on an oak table, green garden")
    assert examples(GARDEN, *SHELVES, *KITCHEN, better, keep=2) == ["g2", "k5"]


def test_nothing_met_makes_no_styles() -> None:
    assert mined() == ()


def test_more_looks_than_an_event_can_count_still_make_a_style() -> None:
    most = [met(name, 2 * 10**11, "on a marble counter", impressions=10**12) for name in "ab"]
    (style,) = mined(*most)
    evidence = style.evidence("0001-a")
    assert (evidence.impressions, evidence.wanted, evidence.pictures) == (10**12, 4 * 10**11, 2)
