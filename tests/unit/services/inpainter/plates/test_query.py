"""From a scene to one query per candidate."""

import pytest

from services.inpainter.plates.notes import HANGS, LIES, LONGEST_NAMED, MOST_NAMED, NOTHING_UNDERSTOOD
from services.inpainter.plates.query import PLAIN_IDEAS, NamedStyle, PlateQueries, plate_queries, style_named, styles_of
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
    first: int = 0,
    liked: tuple[str, ...] = (),
) -> PlateQueries:
    caption = Caption(
        product_short="a mug", product_long="a mug", background_short="", background_long="", ideas=ideas, captioner="t"
    )
    return plate_queries(scene, caption, STYLES, cut=cut, index=index, count=count, first=first, liked=liked)


def view_of(prompt: str, usual: View, *cut: str) -> View:
    ideas = (SceneIdea(prompt="x", view=usual),)
    return queries(Scene(prompt=prompt), ideas=ideas, cut=frozenset(cut)).queries[0].view


def test_an_empty_scene_becomes_the_captions_ideas_each_scene_going_on_where_the_last_one_ended() -> None:
    assert [query.prompt for query in queries(Scene()).queries] == ["on slate", "on linen"]
    assert [query.prompt for query in queries(Scene(), index=1).queries] == ["on sand", "on slate"]


def test_where_the_ideas_begin_is_another_matter_than_where_a_scene_goes_on() -> None:
    asked = [[query.prompt for query in queries(Scene(), index=index, first=2).queries] for index in (0, 1)]
    assert asked == [["on sand", "on slate"], ["on linen", "on sand"]]


def test_what_people_like_goes_before_the_captions_ideas_unless_it_is_excluded() -> None:
    liked = ("on an oak table, warm light",)
    assert [query.prompt for query in queries(Scene(), liked=liked).queries] == [*liked, "on slate"]
    assert [query.prompt for query in queries(Scene(), liked=liked, index=1).queries] == [*liked, "on linen"]
    without = queries(Scene(negative_prompt="no wood"), liked=liked)
    assert [query.prompt for query in without.queries] == ["on slate", "on linen"]
    assert [query.prompt for query in queries(Scene(prompt="on sand"), liked=liked).queries] == ["on sand"] * 2


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
        ("on oak, brick wall behind", "flatlay", (), "backdrop"),
        ("on oak", "backdrop", (), "standing"),
        ("hanging before bricks", "standing", (), "backdrop"),
        ("on oak", "standing", ("bottom",), "backdrop"),
    ],
)
def test_the_view_follows_the_words_the_product_and_the_frame(
    prompt: str, usual: View, cut: tuple[str, ...], view: View
) -> None:
    assert view_of(prompt, usual, *cut) == view


@pytest.mark.parametrize(
    ("prompt", "view"), [("", "backdrop"), ("red wall", "backdrop"), ("on oak", "flatlay"), ("on oak, sea", "backdrop")]
)
def test_a_shirt_hangs_before_a_wall_and_lies_on_a_table(prompt: str, view: View) -> None:
    ideas = (*[SceneIdea(prompt="grey wall", view="backdrop")] * 2, SceneIdea(prompt="on linen", view="flatlay"))
    assert queries(Scene(prompt=prompt or None), ideas=ideas).queries[0].view == view


def test_what_lies_and_stands_stands_where_something_is_behind_it() -> None:
    ideas = (*[SceneIdea(prompt="on linen", view="flatlay")] * 2, SceneIdea(prompt="on oak"))
    assert queries(Scene(prompt="on oak, sea behind"), ideas=ideas).queries[0].view == "standing"
    flat = queries(Scene(prompt="on oak, brick wall"), ideas=ideas[:2])
    assert (flat.queries[0].view, flat.notes) == ("backdrop", (HANGS,))


def test_what_only_lies_hangs_in_no_library() -> None:
    ideas = [SceneIdea(prompt="on linen", view="flatlay")]
    library = queries(Scene(prompt="walnut desk, old library behind"), ideas=(*ideas,))
    assert (library.queries[0].view, library.notes) == ("flatlay", (LIES,))
    assert queries(Scene(prompt="at the beach"), ideas=(*ideas,)).queries[0].view == "flatlay"
    assert queries(Scene(prompt="city lights at night"), ideas=(*ideas,)).queries[0].view == "backdrop"


def test_seen_from_above_what_was_asked_behind_the_product_is_not_seen_and_that_is_told() -> None:
    assert queries(Scene(prompt="flat lay on linen, garden behind")).notes == (LIES,)
    assert queries(Scene(prompt="flat lay on linen, beige background")).notes == ()
    assert queries(Scene(prompt="flat lay in a forest")).notes == (LIES,)


def test_a_coloured_wall_and_no_surface_is_a_studio_of_that_colour() -> None:
    asked = queries(Scene(prompt="plain light blue")).queries[0].attributes
    assert (asked.surface, asked.surface_colour) == ("paper", "light blue")
    assert {"surface", "surface_colour"} <= set(asked.suggested)
    assert queries(Scene(prompt="on oak, light blue wall")).queries[0].attributes.surface_colour is None
    assert queries(Scene(prompt="minimal pastel pink studio")).queries[0].attributes.surface_colour == "pink"
    assert queries(Scene(prompt="on paper, light blue wall")).queries[0].attributes.surface_colour is None


def test_what_finds_its_place_taken_is_told() -> None:
    (note,) = queries(Scene(prompt="on oak, white wall, plants")).notes
    assert note.startswith("left out: plants; a scene has one surface and one backdrop")


def test_seen_from_above_a_colour_alone_is_the_surfaces() -> None:
    query = queries(Scene(prompt="flat lay, pastel pink")).queries[0]
    assert (query.attributes.surface_colour, query.attributes.surface) == ("pink", "paper")
    assert queries(Scene(prompt="flat lay on oak, pink")).queries[0].attributes.surface == "wood"


def test_a_product_that_the_frame_cuts_below_stands_on_nothing_and_that_is_told() -> None:
    notes = queries(Scene(prompt="on oak"), cut=frozenset({"bottom"})).notes
    assert notes == ("the photo cuts the product at the bottom, so what it stands on is not seen",)


@pytest.mark.parametrize(
    ("prompt", "backdrop", "colour"),
    [("on blue velvet", "curtain", "blue"), ("on oak", "wood panels", None), ("on oak, brick wall", "brick", None)],
)
def test_what_a_cut_product_cannot_stand_on_stands_behind_it_where_nothing_else_does(
    prompt: str, backdrop: str, colour: str | None
) -> None:
    asked = queries(Scene(prompt=prompt), cut=frozenset({"bottom"})).queries[0].attributes
    assert (asked.backdrop, asked.backdrop_colour) == (backdrop, colour)


def test_a_style_is_found_by_its_name_however_it_is_typed() -> None:
    assert style_named("Oak  Brick", STYLES) == NamedStyle("oak-brick", "standing")
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


def test_of_many_words_that_nobody_knows_the_first_are_named_and_the_others_counted() -> None:
    words = [f"zq{first}{second}" for first in "abcdef" for second in "abcdef"]
    note = queries(Scene(prompt=" ".join(words))).notes[0]
    assert note == f"not understood: {', '.join(words[:MOST_NAMED])} and {36 - MOST_NAMED} more"


def test_a_word_of_a_thousand_letters_is_named_by_its_beginning() -> None:
    assert queries(Scene(prompt="z" * 1000)).notes[0] == f"not understood: {'z' * LONGEST_NAMED}…"


@pytest.mark.parametrize("prompt", ["12345 !!!", "a photo of the product", "🎄🎁✨", "大理石", "zebrafinch"])
def test_a_prompt_in_which_nothing_is_understood_says_so_and_gets_the_products_own_ideas(prompt: str) -> None:
    found = queries(Scene(prompt=prompt))
    assert found.notes[-1] == NOTHING_UNDERSTOOD
    assert [(query.prompt, query.attributes.surface) for query in found.queries] == [
        (prompt, "slate"),
        (prompt, "linen"),
    ]
    assert [query.view for query in found.queries] == ["standing", "flatlay"]
    assert queries(Scene(prompt=prompt, strength=1)).queries[0].attributes.is_empty  # a painter may know the words


def test_blanks_are_no_words() -> None:
    assert queries(Scene(prompt=" \n ")) == queries(Scene())


def test_a_prompt_that_is_understood_or_a_style_that_is_there_says_nothing_of_the_kind() -> None:
    assert queries(Scene(prompt="on oak")).notes == ()
    assert queries(Scene(prompt="of the product", style="garden")).notes == ()
    assert queries(Scene(prompt="zebrafinch", reference=ImageSource(key="style.png"))).notes == (
        "not understood: zebrafinch",
    )


def test_a_negative_prompt_that_names_the_product_is_told_that_the_product_is_never_painted() -> None:
    notes = queries(Scene(prompt="on oak", negative_prompt="mug, a text")).notes
    assert notes == ("the negative prompt names the product (mug); the product itself is never painted",)


def test_what_is_asked_and_excluded_at_once_is_told_and_stays_asked() -> None:
    found = queries(Scene(prompt="on oak, brick wall", negative_prompt="bricks, plants"))
    assert found.notes == ("asked for and excluded at once: brick; it is shown",)
    assert found.queries[0].excluded == frozenset({"garden"})


def test_what_a_negative_prompt_says_not_to_show_is_excluded_however_it_is_said() -> None:
    asked = queries(Scene(prompt="on oak", negative_prompt="no plants, marble; without any brick walls")).queries[0]
    assert asked.excluded == frozenset({"garden", "marble", "brick"})
    assert queries(Scene(negative_prompt="brick")).queries[0].excluded == frozenset({"brick"})


def test_what_the_prompt_itself_says_not_to_show_is_excluded_as_well() -> None:
    asked = queries(Scene(prompt="on oak without plants or marble, no harsh shadows")).queries[0]
    assert asked.excluded == frozenset({"garden", "marble", "shadows"})
    assert queries(Scene(prompt="on oak, soft shadows")).queries[0].excluded == frozenset()
    assert queries(Scene(prompt="on oak", negative_prompt="shadows")).queries[0].excluded == frozenset({"shadows"})


@pytest.mark.timeout(10)
@pytest.mark.parametrize("negative", ["mug " * 250, "z" * 1000, "🎄" * 1000, "\u202e" * 1000, "marbla " * 142])
def test_a_negative_prompt_of_a_thousand_letters_is_read(negative: str) -> None:
    assert queries(Scene(prompt="on oak", negative_prompt=negative)).queries[0].attributes.surface == "wood"


def test_ideas_that_ask_for_what_was_excluded_are_left_out_while_there_are_others() -> None:
    assert [query.prompt for query in queries(Scene(negative_prompt="slate")).queries] == ["on linen", "on sand"]
    ideas = (SceneIdea(prompt="on slate"),)
    assert queries(Scene(negative_prompt="slate"), ideas=ideas).queries[0].prompt == "on slate"


def test_to_exclude_a_white_background_does_not_exclude_every_wall() -> None:
    assert queries(Scene(prompt="on oak", negative_prompt="white background")).queries[0].excluded == frozenset()
