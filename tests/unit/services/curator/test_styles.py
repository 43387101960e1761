"""Styles: parts of descriptions that come up again among what people like."""

import json

import pytest

from services.curator.records import Sample
from services.curator.styles import MineStyles, descriptors, put_styles
from shared.contracts.blobs import BlobRef
from tests.fakes.blobs import MemoryBlobs


def sample(name: str, *captions: str) -> Sample:
    image = BlobRef(bucket="backdrop", key=f"images/{name}", sha256="0" * 64, size=1, width=640, height=480)
    return Sample(
        product_id=name,
        image=image,
        mask=image,
        captions=captions,
        product="",
        promoted=True,
        may_train=True,
        reason="kept",
    )


LIKED = [
    (sample("a", "on a marble counter, morning light"), 0.5),
    (sample("b", "a marble counter with green plants"), 0.4),
    (sample("c", "standing on a wooden table, morning light"), 0.3),
]
OTHERS = [sample(f"o{n}", "a wooden table") for n in range(9)]


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        (
            "on a marble counter, a brick wall, and soft morning light.",
            {"marble counter", "brick wall", "soft morning light"},
        ),
        ("A wooden table in front of the sea", {"wooden table"}),
        ("a table", set()),
        ("one two three four five words", set()),
    ],
)
def test_a_description_is_taken_apart(caption: str, found: set[str]) -> None:
    assert descriptors([caption]) == found


def test_a_style_is_frequent_among_the_liked_and_rarer_elsewhere() -> None:
    kept = [*(one for one, _ in LIKED), *OTHERS]
    styles = MineStyles(min_support=1, min_lift=1.5)(LIKED, kept)
    assert [style.name for style in styles] == ["marble counter", "morning light", "green plants"]
    best = styles[0]
    assert (best.support, best.lift) == (2, 4.0)
    assert best.words == ("marble counter", "green plants", "morning light")
    assert [example.product_id for example in best.examples] == ["a", "b"]
    assert (best.plate.id, best.plate.file, best.plate.width) == ("mined-marble-counter", "images/a", 640)


def test_the_same_styles_are_one_file() -> None:
    blobs = MemoryBlobs()
    styles = MineStyles(min_support=1)(LIKED, [one for one, _ in LIKED])
    first = put_styles(blobs, styles, dataset_version="0001-a")
    assert put_styles(blobs, styles, dataset_version="0001-a") == first
    assert json.loads(blobs.get(first.key))["version"] in first.key


def test_nothing_liked_makes_no_styles() -> None:
    assert MineStyles()([], OTHERS) == ()
