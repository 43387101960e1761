"""How well one plate answers: the thing itself, its kin, its colour, its light; by hand."""

import pytest

from services.inpainter.plates.attributes import described
from services.inpainter.plates.query import PlateQuery
from services.inpainter.plates.similarity import (
    Fit,
    backdrop_fit,
    excluded_fit,
    light_fit,
    needs_mirroring,
    shadow_fit,
    surface_fit,
    word_fit,
)
from services.inpainter.prompt.parsing import parse_prompt
from shared.contracts.styles import Light
from shared.contracts.vocabulary import View
from tests.fakes.plates import plate

GRANITE = described(plate("granite", "grey granite", "plain grey wall"))
OAK = described(plate("oak", "rustic oak table", "red brick wall", words=("leaf shadows",)))

LIGHTS = [
    ("warm light", 0.4), ("neutral light", 0.7), ("light from the left", 0.7), ("light from the right", 0.7),
    ("backlit", -0.5), ("soft light", 0.5), ("hard light", -0.4), ("", 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "fit"),
    [
        ("granite", Fit(3.0)),
        ("on grey granite", Fit(4.5)),
        ("sand", Fit(-4.0, missing=("surface",))),
        ("beach", Fit(-1.0)),
        ("slate", Fit(1.0, instead=("no style plate shows slate as surface; granite was taken instead",))),
        ("", Fit()),
    ],
)
def test_a_surface_is_the_thing_itself_or_its_kin_or_missing(prompt: str, fit: Fit) -> None:
    assert surface_fit(GRANITE, parse_prompt(prompt)) == fit


@pytest.mark.parametrize(
    ("prompt", "score"), [("on rustic oak", 4.0), ("a rustic table", 4.0), ("on oak", 3.6), ("on walnut", 2.7)]
)
def test_a_kind_of_wood_is_worth_more_the_nearer_it_is(prompt: str, score: float) -> None:
    assert surface_fit(OAK, parse_prompt(prompt)).score == pytest.approx(score)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("on oak", ()),
        ("on a wooden table", ()),
        ("on pine", ("no style plate shows pine as surface; rustic oak was taken instead",)),
        ("on walnut", ("no style plate shows walnut as surface; rustic oak was taken instead",)),
        ("on whitewashed boards", ("no style plate shows whitewashed wood as surface; rustic oak was taken instead",)),
    ],
)
def test_wood_of_another_tone_is_another_thing_and_told(prompt: str, told: tuple[str, ...]) -> None:
    assert surface_fit(OAK, parse_prompt(prompt)).instead == told


def test_a_wall_of_another_colour_can_be_painted_and_is_not_missed() -> None:
    repainted = backdrop_fit(GRANITE, parse_prompt("before a dark grey wall"))
    assert repainted.missing == ()
    assert repainted.score == pytest.approx(4 - 68 / 255, abs=0.01)  # 142 and 74 of 255 are their brightness
    assert backdrop_fit(OAK, parse_prompt("before blue bricks")).missing == ()
    lawn = described(plate("lawn", "green grass", "blurred garden"))
    assert surface_fit(lawn, parse_prompt("on pink grass")) == Fit(1.5, missing=("surface_colour",))


def test_a_thing_whose_colour_nobody_tells_has_the_one_it_has_by_nature() -> None:
    snow = described(plate("snow", "fresh snow", "mountains"))
    assert surface_fit(snow, parse_prompt("on white snow")) == Fit(4.5)
    assert surface_fit(snow, parse_prompt("on red snow")) == Fit(1.5, missing=("surface_colour",))


def test_a_backdrop_is_also_what_the_name_of_the_style_says() -> None:
    spa = described(plate("p", "white marble", "white tiled wall", style="bright bathroom"))
    assert backdrop_fit(spa, parse_prompt("in a bathroom")).score == 3.0
    assert backdrop_fit(spa, parse_prompt("before a tiled wall")).score == 3.0


@pytest.mark.parametrize(("prompt", "score"), LIGHTS)
def test_light_counts_by_colour_side_and_hardness(prompt: str, score: float) -> None:
    assert light_fit(OAK, parse_prompt(prompt)) == pytest.approx(score)


def test_shadows_are_there_or_told() -> None:
    assert shadow_fit(OAK, parse_prompt("dappled light")) == Fit(0.8)
    assert shadow_fit(OAK, parse_prompt("blinds")) == Fit(-0.2, instead=("no style plate of this kind shows blinds",))
    assert shadow_fit(OAK, parse_prompt("oak")) == Fit()


def test_only_light_from_the_other_side_is_worth_mirroring() -> None:
    assert needs_mirroring(Light(direction="left"), parse_prompt("light from the right"))
    assert not needs_mirroring(Light(direction="left"), parse_prompt("light from the left"))
    assert not needs_mirroring(Light(direction="back"), parse_prompt("backlit"))
    assert not needs_mirroring(Light(direction="left"), parse_prompt("oak"))


def test_common_words_count_up_to_five_and_a_style_beats_them_all() -> None:
    words = described(plate("p", "oak", "wall", words=("a b c d e f g",)))
    query = PlateQuery(prompt="", attributes=parse_prompt(""), view="standing")
    assert word_fit(words, query, set("abcdef")) == pytest.approx(0.5)
    assert word_fit(words, query, {"a"}) == pytest.approx(0.1)
    named = PlateQuery(prompt="", attributes=parse_prompt(""), view="standing", style="p")
    assert word_fit(words, named, set()) == 10.0


@pytest.mark.parametrize(("view", "shown"), [("standing", 2), ("flatlay", 1), ("backdrop", 1)])
def test_only_what_is_seen_can_be_excluded(view: View, shown: int) -> None:
    query = PlateQuery(prompt="", attributes=parse_prompt(""), view=view, excluded=frozenset({"wood", "brick"}))
    fit = excluded_fit(OAK, OAK, query)
    assert (fit.score, len(fit.instead)) == (-4.0 * shown, shown)
    assert excluded_fit(GRANITE, GRANITE, query) == Fit(-0.0)


@pytest.mark.parametrize(
    ("words", "light", "asked", "fit"),
    [
        ((), Light(), "", Fit(-0.0)),
        ((), Light(hardness="hard"), "", Fit(-2.0)),
        ((), Light(hardness="hard"), "hard light", Fit(-0.0)),
        (("leaf shadow",), Light(), "",
         Fit(-4.0, instead=("no style plate answers without shadows, which was excluded",))),
    ],
)  # fmt: skip
def test_without_shadows_means_no_pattern_of_them_and_soft_light_where_that_can_be(
    words: tuple[str, ...], light: Light, asked: str, fit: Fit
) -> None:
    lit = described(plate("p", "oak", "grey wall", words=words, light=light))
    excluded = frozenset({"shadows"})
    query = PlateQuery(prompt="", attributes=parse_prompt(asked), view="standing", excluded=excluded)
    assert excluded_fit(lit, lit, query) == fit
