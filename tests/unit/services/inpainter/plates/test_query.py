"""From a scene to one query per candidate."""

import pytest

from services.inpainter.plates.query import PLAIN_IDEAS, PlateQueries, plate_queries, style_named, styles_of
from shared.contracts.events import Caption, ImageSource, Scene, SceneIdea
from shared.contracts.vocabulary import View
from tests.fakes.plates import PLATES

IDEAS = (SceneIdea(prompt="on slate"), SceneIdea(prompt="on linen", view="flatlay"), SceneIdea(prompt="on sand"))
STYLES = styles_of(PLATES)


def queries(
    scene: Scene,
    *,
    ideas: tuple[SceneIdea, ...] = IDEAS,
    cut: frozenset[str] = frozenset(),
    index: int = 0,
    count: int = 2,
) -> PlateQueries:
    caption = Caption(
        product_short="a mug", product_long="a mug", background_short="", background_long="", ideas=ideas, captioner="t"
    )
    return plate_queries(scene, caption, STYLES, cut=cut, index=index, count=count)


def view_of(prompt: str, usual: View, *cut: str) -> View:
    ideas = (SceneIdea(prompt="x", view=usual),)
    return queries(Scene(prompt=prompt), ideas=ideas, cut=frozenset(cut)).queries[0].view


def test_an_empty_scene_becomes_the_captions_ideas_each_scene_going_on_where_the_last_one_ended() -> None:
    assert [query.prompt for query in queries(Scene()).queries] == ["on slate", "on linen"]
    assert [query.prompt for query in queries(Scene(), index=1).queries] == ["on sand", "on slate"]


def test_without_any_idea_there_are_plain_ones() -> None:
    assert queries(Scene(), ideas=()).queries[0].prompt == PLAIN_IDEAS[0].prompt


def test_a_prompt_is_asked_of_every_candidate() -> None:
    found = queries(Scene(prompt="on oak"), count=3)
    assert [query.prompt for query in found.queries] == ["on oak"] * 3
    assert found.notes == ()


def test_a_reference_picture_without_words_asks_for_nothing_else() -> None:
    assert queries(Scene(reference=ImageSource(key="style.png"))).queries[0].attributes.is_empty


@pytest.mark.parametrize(
    ("prompt", "usual", "cut", "view"),
    [
        ("on oak", "standing", (), "standing"),
        ("flat lay on oak", "standing", (), "flatlay"),
        ("on oak", "flatlay", (), "flatlay"),
        ("on oak, brick wall behind", "flatlay", (), "standing"),
        ("on oak", "backdrop", (), "standing"),
        ("hanging before bricks", "standing", (), "backdrop"),
        ("on oak", "standing", ("bottom",), "backdrop"),
    ],
)
def test_the_view_follows_the_words_the_product_and_the_frame(
    prompt: str, usual: View, cut: tuple[str, ...], view: View
) -> None:
    assert view_of(prompt, usual, *cut) == view


def test_seen_from_above_a_colour_alone_is_the_surfaces() -> None:
    query = queries(Scene(prompt="flat lay, pastel pink")).queries[0]
    assert query.attributes.surface_colour == "pink"


def test_a_product_that_the_frame_cuts_below_stands_on_nothing_and_that_is_told() -> None:
    notes = queries(Scene(prompt="on oak"), cut=frozenset({"bottom"})).notes
    assert notes == ("the photo cuts the product at the bottom, so what it stands on is not seen",)


def test_a_style_is_found_by_its_name_however_it_is_typed() -> None:
    assert style_named("Oak  Brick", STYLES) == PLATES[0]
    assert style_named("baroque", STYLES) is None
    assert queries(Scene(style="garden")).queries[0].view == "backdrop"
    assert queries(Scene(style="Garden!")).queries[0].style == "garden"


def test_a_style_that_is_not_there_is_told_and_read_as_words() -> None:
    found = queries(Scene(style="oak and rosemary"))
    assert found.queries[0].attributes.surface == "wood"
    assert found.notes == (
        "there is no style named 'oak and rosemary'; its words were read as part of the prompt",
        "not understood: rosemary",
    )
