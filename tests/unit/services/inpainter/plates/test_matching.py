"""Wishes to plates."""

from collections.abc import Sequence

import pytest

from services.inpainter.plates.matching import Choice
from services.inpainter.plates.query import Wanted, style_named
from services.inpainter.plates.selection import Rack
from services.inpainter.prompt.parsing import parse_wishes
from shared.contracts.styles import Light, Plate, View


def plate(name: str, surface: str | None, backdrop: str | None, **changes: object) -> Plate:
    fields = {
        "id": name, "style": name, "file": name, "width": 8, "height": 8, "surface": surface, "backdrop": backdrop,
        "surface_line": 0.5 if surface and backdrop else None, "light": Light(direction="left"),
    }  # fmt: skip
    return Plate.model_validate(fields | changes)


PLATES = (
    plate("oak-brick", "oak wooden table", "red brick wall"),
    plate("marble-beige", "white marble counter", "plain beige wall"),
    plate("sand-sea", "golden sand", "sea and sky"),
    plate("linen-flat", "white linen", None, view="flatlay"),
    plate("marble-flat", "white marble", None, view="flatlay"),
    plate("garden", None, "blurred green garden", view="backdrop"),
)


def choose(prompt: str, view: View = "standing", plates: Sequence[Plate] = PLATES, style: str | None = None) -> Choice:
    wanted = Wanted(prompt=prompt, wishes=parse_wishes(prompt), view=view, style=style)
    choice = Rack(plates).choose(wanted, seed=1)
    assert choice is not None
    return choice


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
    assert choose(prompt, view).name == name


def test_a_combination_no_plate_has_is_joined_from_two() -> None:
    choice = choose("on a marble counter, brick wall behind")
    assert choice.name == "marble-beige+oak-brick"
    assert choice.missing == ()


def test_a_wall_gets_the_colour_that_was_asked() -> None:
    choice = choose("on a marble counter, dark green wall")
    assert (choice.name, choice.backdrop_colour, choice.missing) == ("marble-beige", "dark green", ())


def test_what_no_plate_shows_is_named() -> None:
    assert choose("on a marble counter in a kitchen").missing == ("backdrop",)


def test_something_of_the_same_kind_is_taken_and_told() -> None:
    choice = choose("on black slate", plates=[*PLATES, plate("granite-wall", "grey granite", "plain grey wall")])
    assert choice.name.startswith("granite-wall")
    assert choice.instead == ("no style plate shows slate as surface; granite was taken instead",)


def test_light_from_the_other_side_is_a_flip() -> None:
    choice = choose("on a marble counter, light from the right")
    assert choice.flipped
    assert choice.light.direction == "right"


def test_options_of_one_scene_differ() -> None:
    plates = [plate(f"oak-{number}", "oak table", "plain wall", style="oak") for number in range(3)]
    rack, wanted = Rack(plates), Wanted(prompt="oak", wishes=parse_wishes("on an oak table"), view="standing")
    names = [choice.name for seed in range(3) if (choice := rack.choose(wanted, seed=seed))]
    assert sorted(names) == ["oak-0", "oak-1", "oak-2"]


def test_a_style_is_found_by_its_name_however_it_is_typed() -> None:
    assert style_named("Oak  Brick", PLATES) == "oak-brick"
    assert style_named("baroque", PLATES) is None
    assert choose("", style="sand-sea").name == "sand-sea"


def test_without_any_plate_of_a_usable_view_there_is_no_choice() -> None:
    wanted = Wanted(prompt="", wishes=parse_wishes(""), view="standing")
    assert Rack([plate("garden", None, "garden", view="backdrop")]).choose(wanted, seed=0) is None
