"""Each candidate gets a plate of its own where there are enough."""

from services.inpainter.plates.query import PlateQuery
from services.inpainter.plates.selection import PlateSelector
from services.inpainter.prompt.parsing import parse_prompt
from tests.fakes.plates import PLATES, plate


def query(prompt: str) -> PlateQuery:
    return PlateQuery(prompt=prompt, attributes=parse_prompt(prompt), view="standing")


def names(selector: PlateSelector, queries: list[PlateQuery], seeds: list[int]) -> list[str]:
    return [match.name if match else "none" for match in selector.select(queries, seeds)]


def test_options_of_one_scene_differ() -> None:
    selector = PlateSelector(plate(f"oak-{number}", "oak table", "plain wall", style="oak") for number in range(3))
    assert sorted(names(selector, [query("on an oak table")] * 3, [0, 1, 2])) == ["oak-0", "oak-1", "oak-2"]


def test_options_of_different_queries_each_get_what_they_ask() -> None:
    queries = [query("on a marble counter"), query("at the beach"), query("on a marble counter")]
    assert names(PlateSelector(PLATES), queries, [0, 1, 2])[:2] == ["marble-beige", "sand-sea"]


def test_no_option_shows_something_else_for_the_sake_of_variety() -> None:
    plates = [plate("leaves", "autumn leaves", "autumn forest"), *(plate(f"moss-{n}", "moss", "forest") for n in "abc")]
    shown = names(PlateSelector(plates), [query("autumn leaves")] * 4, [0, 1, 2, 3])
    assert {name.split("+")[0] for name in shown} == {"leaves"}


def test_no_option_shows_dark_wood_for_white_wood() -> None:
    plates = [plate("white", "whitewashed wooden table", "brick wall"), plate("dark", "dark wood", "sea")]
    shown = names(PlateSelector(plates), [query("on whitewashed boards, sea behind")] * 4, [0, 1, 2, 3])
    assert set(shown) == {"white+dark"}


def test_what_is_shown_again_is_mirrored_unless_a_side_of_the_light_was_asked() -> None:
    selector = PlateSelector([plate("oak", "oak table", "plain wall")])
    again = selector.select([query("oak")] * 3, [0, 1, 2])
    assert [match and match.flipped for match in again] == [False, True, False]
    lit = selector.select([query("oak, light from the left")] * 2, [0, 1])
    assert [match and match.flipped for match in lit] == [False, False]


def test_the_same_seeds_select_the_same_plates_however_often_they_are_asked() -> None:
    selector = PlateSelector(PLATES)
    first = names(selector, [query("oak")] * 4, [5, 6, 7, 8])
    assert names(selector, [query("oak")] * 4, [5, 6, 7, 8]) == first


def test_without_any_plate_of_a_usable_view_there_is_none() -> None:
    garden = [plate("garden", None, "garden", view="backdrop")]
    assert names(PlateSelector(garden), [query("")], [0]) == ["none"]
    assert names(PlateSelector(()), [query("oak")] * 2, [0, 1]) == ["none", "none"]


def test_selecting_reads_no_plate_again() -> None:
    selector, queries = PlateSelector(PLATES), [query("on oak"), query("at the beach")]
    before = parse_prompt.cache_info()
    selector.select(queries * 4, range(8))
    assert parse_prompt.cache_info() == before
