"""How unlike the first options of a catalogue are, by hand."""

import pytest

from benchmarks.models.variety import Spread, look_of, row
from shared.contracts.blobs import BlobRef
from shared.contracts.events import GeneratedImage, Scores
from tests.fakes.plates import PLATES

BY_ID = {one.id: one for one in PLATES}


def test_the_commonest_look_has_its_share_and_all_have_their_entropy() -> None:
    assert Spread.of(["oak", "sea", "oak", "sand"]) == Spread("oak", 0.5, 1.5)
    assert Spread.of(["oak"] * 3) == Spread("oak", 1.0, 0.0)
    assert Spread.of(list("abcdefgh")).bits == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("plate", "look"),
    [
        ("oak-brick", ("wood before brick", "brick")),
        ("marble-beige+oak-brick", ("marble before brick", "brick")),
        ("linen-flat", ("linen before nothing", None)),
    ],
)
def test_a_look_is_a_surface_before_a_backdrop(plate: str, look: tuple[str, str | None]) -> None:
    assert look_of(image_on(plate), BY_ID) == look


def test_a_scene_has_a_row_also_where_nothing_of_it_was_shown() -> None:
    told = row("oak", [image_on("oak-brick"), image_on("oak-brick")], BY_ID)
    assert told == "| oak | 2 | oak-brick | 100% | wood before brick | 100% | 0.00 | 0% | 1.00 | 1.00 |"
    nothing = row("oak", [], BY_ID)
    assert nothing.startswith("| oak | 0 | all refused |") and nothing.count("|") == told.count("|")


def image_on(plate: str) -> GeneratedImage:
    ref = BlobRef(bucket="test", key="k", sha256="0" * 64, size=1, content_type="image/png")
    scores = Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
    return GeneratedImage(image=ref, seed=1, prompt="", plate=plate, strength=0.3, scores=scores, model="m")
