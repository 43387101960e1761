"""Queries to plates: which one answers best, and what is said where none shows what was asked."""

from collections.abc import Sequence

import pytest

from services.inpainter.plates.attributes import described
from services.inpainter.plates.colouring import Coat
from services.inpainter.plates.matching import PlateMatch, matches
from services.inpainter.plates.query import PlateQuery, plate_queries
from services.inpainter.prompt.parsing import parse_prompt
from shared.contracts.events import Caption, Scene
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import View
from tests.fakes.plates import PLATES, plate


def best(
    prompt: str, view: View = "standing", plates: Sequence[Plate] = PLATES, style: str | None = None
) -> PlateMatch:
    query = PlateQuery(prompt=prompt, attributes=parse_prompt(prompt), view=view, style=style)
    return max(matches([described(one) for one in plates], query), key=lambda match: match.score)


@pytest.mark.parametrize(
    ("prompt", "view", "name"),
    [
        ("on a wooden table, brick wall behind", "standing", "oak-brick"),
        ("marble counter", "standing", "marble-beige"),
        ("at the beach", "standing", "sand-sea"),
        ("on white marble", "flatlay", "marble-flat"),
        ("in a garden", "backdrop", "garden"),
        ("against bricks", "backdrop", "oak-brick"),
    ],
)
def test_the_plate_shows_what_was_asked(prompt: str, view: View, name: str) -> None:
    assert best(prompt, view).name == name


def test_a_combination_no_plate_has_is_joined_from_two() -> None:
    match = best("on a marble counter, brick wall behind")
    assert match.name == "marble-beige+oak-brick"
    assert match.missing == ()


def test_a_place_is_joined_where_no_plate_of_the_surface_shows_it_however_many_there_are() -> None:
    kitchens = [plate(f"kitchen-{number}", "white marble", "blurred kitchen") for number in range(4)]
    plates = [*kitchens, plate("oak-garden", "oak table", "blurred green garden")]
    assert parse_prompt("marble table on a terrace").suggested == ("backdrop",)
    assert best("marble table on a terrace", plates=plates).behind == plates[-1]


def test_a_wall_gets_the_colour_that_was_asked() -> None:
    match = best("on a marble counter, dark green wall")
    assert (match.name, match.backdrop_coat, match.missing) == ("marble-beige", Coat("dark green"), ())


def test_what_no_plate_shows_is_named() -> None:
    assert best("on a marble counter in a kitchen").missing == ("backdrop",)


def test_something_of_the_same_kind_is_taken_and_told() -> None:
    match = best("on black slate", plates=[*PLATES, plate("granite-wall", "grey granite", "plain grey wall")])
    assert match.name.startswith("granite-wall")
    assert match.instead == ("no style plate shows slate as surface; granite was taken instead",)


def test_light_from_the_other_side_is_a_flip() -> None:
    match = best("on a marble counter, light from the right")
    assert match.flipped
    assert match.light.direction == "right"


def test_a_style_that_is_named_outweighs_another_surface() -> None:
    assert best("on oak", style="sand-sea").name == "sand-sea"


def test_light_from_ahead_is_never_mirrored() -> None:
    front = [plate("oak", "oak table", "plain wall", light=Light(direction="front"))]
    assert not best("on oak, front light", plates=front).flipped


def test_the_far_plate_of_a_pair_is_mirrored_to_the_light_of_the_near_one() -> None:
    plates = [
        plate("marble", "white marble", "plain grey wall", light=Light(direction="left")),
        plate("brick", "sand", "red brick wall", light=Light(direction="right")),
        plate("sea", "pebbles", "sea", light=Light(direction="front")),
    ]
    pair = best("on a marble counter, brick wall behind", plates=plates)
    assert (pair.name, pair.flipped, pair.behind_flipped) == ("marble+brick", False, True)
    pair = best("on a marble counter, the sea behind", plates=plates)
    assert (pair.name, pair.behind_flipped) == ("marble+sea", False)


def test_a_podium_is_never_joined_with_another_backdrop() -> None:
    plates = [plate("podium", "pink podium", "pink wall"), plate("brick", "sand", "red brick wall")]
    found = matches(
        [described(one) for one in plates],
        PlateQuery(prompt="", attributes=parse_prompt("on a podium, brick wall"), view="standing"),
    )
    assert "podium+brick" not in {match.name for match in found}


def test_a_podium_is_no_backdrop_of_another_surface() -> None:
    plates = [plate("podium", "white podium", "white wall"), plate("tiles", "tiled counter", "tiled wall")]
    assert best("on tiles, white wall", plates=plates).name != "tiles+podium"


def test_snow_that_nobody_asked_for_lies_before_mountains_alone() -> None:
    lights, dark = "golden festive lights", plate("dark", "dark wood table", "golden festive lights")
    plates = [plate("winter", "fresh snow", lights, words=("winter",), light=Light(colour="cool")), dark]
    assert best("festive lights, cool light", plates=plates).name == "dark"
    assert best("winter lights, festive lights, cool light", plates=plates).name == "winter"
    peaks = [plate("peaks", "fresh snow", "mountains", words=("winter",), light=Light(colour="cool")), dark]
    assert best("mountains, cool light", plates=peaks).name == "peaks"


def test_of_what_was_not_asked_a_pair_shows_nothing_strange() -> None:
    plates = [plate("snow", "fresh snow", "mountains"), plate("oak", "oak table", "kitchen"), *PLATES]
    query = PlateQuery(prompt="", attributes=parse_prompt("on snow"), view="standing")
    assert {match.name for match in matches([described(one) for one in plates], query) if match.behind} == set()


def test_a_pair_is_of_one_season_where_there_is_a_choice() -> None:
    autumn = plate("autumn", "autumn leaves", "blurred forest", words=("autumn",))
    plates = [plate("snow", "fresh snow", "mountains"), autumn, plate("moss", "moss", "blurred forest")]
    assert best("on snow, forest behind", plates=plates).name == "snow+moss"


def test_stone_gets_the_colour_that_was_asked_and_another_stone_is_no_answer() -> None:
    match = best("on black marble, dark wall")
    assert (match.name, match.surface_coat, match.backdrop_coat) == (
        "marble-beige",
        Coat("black", "veined"),
        Coat("dark grey"),
    )


def test_only_a_plain_surface_takes_the_colour_of_the_wall() -> None:
    plates = [plate("marble", "white marble", "grey wall"), plate("studio", "white studio surface", "white wall")]
    query = plate_queries_of("pink wall")
    found = {match.name: match for match in matches([described(one) for one in plates], query)}
    assert (found["studio"].surface_coat, found["studio"].backdrop_coat) == (Coat("pink"), Coat("pink"))
    assert (found["marble"].surface_coat, found["marble"].backdrop_coat) == (None, Coat("pink"))
    assert found["studio"].score > found["marble"].score


def plate_queries_of(prompt: str) -> PlateQuery:
    caption = Caption(
        product_short="", product_long="", background_short="", background_long="", ideas=(), captioner="t"
    )
    found = plate_queries(Scene(prompt=prompt), caption, {}, cut=frozenset(), index=0, count=1)
    return found.queries[0]


def test_what_two_matches_show_is_told_in_words() -> None:
    oak, marble = best("on a wooden table, brick wall behind"), best("on black marble")
    assert oak.look == {"oak-brick", "on wood", "of None", "before brick", "in red", "lit neutral"}
    assert "of black" in marble.look


def test_seen_from_above_the_surface_of_a_standing_plate_will_do_but_no_podium() -> None:
    plates = [plate("slate", "slate", "grey wall"), plate("podium", "white podium", "grey wall")]
    query = PlateQuery(prompt="", attributes=parse_prompt("on slate"), view="flatlay")
    assert [match.name for match in matches([described(one) for one in plates], query)] == ["slate"]


def test_of_two_plates_that_answer_the_one_without_what_was_excluded_is_better_and_the_other_says_so() -> None:
    query = PlateQuery(prompt="", attributes=parse_prompt("on oak"), view="standing", excluded=frozenset({"brick"}))
    plates = [described(plate("brick", "oak table", "red brick wall")), described(plate("wall", "oak", "grey wall"))]
    found = {match.name: match for match in matches(plates, query)}
    assert (found["wall"].score, found["brick"].score) == (4.0, 0.0)  # the wood and its kind; less what was excluded
    assert found["brick"].instead == ("no style plate answers without brick, which was excluded",)
    assert found["wall"].instead == ()
