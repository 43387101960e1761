"""Free words of brands, read into labels; every expected value is written by hand."""

import pytest

from services.inpainter.prompt.mentions import MOST_CORRECTED, corrected
from services.inpainter.prompt.parsing import backdrop_label, parse_prompt, surface_label
from services.inpainter.prompt.scene_attributes import SceneAttributes

TABLE = [
    ("on a wooden table, brick wall", {"surface": "wood", "backdrop": "brick"}),
    ("old bricks behind it, golden hour", {"backdrop": "brick", "light_colour": "warm"}),
    ("marble counter, morning light", {"surface": "marble", "light_colour": "warm"}),
    ("on white marble with a light blue wall",
     {"surface": "marble", "surface_colour": "white", "backdrop": "wall", "backdrop_colour": "light blue"}),
    ("wall of wood, on concrete", {"surface": "concrete", "backdrop": "wood panels"}),
    ("concrete floor, concrete wall", {"surface": "concrete", "backdrop": "concrete wall"}),
    ("on a walnut desk against dark green velvet",
     {"surface": "wood", "surface_variant": "walnut", "backdrop": "curtain", "backdrop_colour": "dark green"}),
    ("at the beach at sunset",
     {"surface": "sand", "backdrop": "beach", "light_colour": "warm", "suggested": ("surface",)}),
    ("pastel pink", {"backdrop": "wall", "backdrop_colour": "pink", "suggested": ("backdrop",)}),
    ("on sand, sea behind, sun from the right",
     {"surface": "sand", "backdrop": "beach", "light_direction": "right"}),
    ("on tiles, backlit", {"surface": "tiles", "light_direction": "back"}),
    ("flat lay on linen, hard light with leaf shadows",
     {"surface": "linen", "hardness": "hard", "shadows": "leaves", "view": "flatlay"}),
    ("glossy black surface with city lights at night",
     {"surface": "acrylic", "surface_colour": "black", "backdrop": "city lights"}),
    ("moss and stones in a dark forest, dappled light",
     {"surface": "moss", "backdrop": "forest", "shadows": "leaves", "tone": "dark", "left_out": ("stones",)}),
    ("dark green velvet, moody light", {"surface": "velvet", "surface_colour": "dark green", "tone": "dark"}),
    ("on dark concrete", {"surface": "concrete", "surface_colour": "dark grey", "suggested": ("surface_colour",)}),
    ("on black velvet, gold light", {"surface": "velvet", "surface_colour": "black", "light_colour": "warm"}),
    ("on slate, red light", {"surface": "slate", "left_out": ("red light",)}),
    ("red and gold wall", {"backdrop": "wall", "backdrop_colour": "red", "left_out": ("gold",)}),
    ("wooden shelf, white wall with plants",
     {"surface": "wood", "backdrop": "wall", "backdrop_colour": "white", "left_out": ("plants",)}),
    ("a wall, plants", {"backdrop": "garden"}),
    ("on snow with pine trees behind", {"surface": "snow", "backdrop": "forest"}),
    ("christmas, bokeh", {"backdrop": "festive lights", "light_colour": "warm", "suggested": ("light_colour",)}),
    ("marble tiles in the bathroom", {"surface": "tiles", "backdrop": "bathroom"}),
    ("a wall without windows", {"backdrop": "wall"}),
    ("not on wood, without plants, on marble", {"surface": "marble"}),
    ("not against bricks but on slate", {"surface": "slate"}),
    ("on oak, soft light from above", {"surface": "wood", "surface_variant": "oak", "hardness": "soft"}),
    ("on oak, hanging lights", {"surface": "wood", "surface_variant": "oak"}),
    ("clean white packshot",
     {"backdrop": "wall", "backdrop_colour": "white", "tone": "bright", "suggested": ("backdrop", "tone")}),
    ("pure white background",
     {"backdrop": "wall", "backdrop_colour": "white", "tone": "pure"}),
    ("isolated on white",
     {"backdrop": "wall", "backdrop_colour": "white", "tone": "pure",
      "suggested": ("backdrop", "backdrop_colour", "tone")}),
    ("plain #FFFFFF background",
     {"backdrop": "wall", "backdrop_colour": "white", "tone": "pure", "suggested": ("backdrop_colour", "tone")}),
    ("on pure white marble", {"surface": "marble", "surface_colour": "white"}),
    ("amazon main image",
     {"backdrop": "wall", "backdrop_colour": "white", "tone": "pure",
      "suggested": ("backdrop", "backdrop_colour", "tone")}),
    ("spring cherry blossoms", {"surface": "grass", "backdrop": "flowers", "suggested": ("surface",)}),
    ("rooftop bar", {"backdrop": "city lights"}),
    ("in a wine cellar", {"backdrop": "stone wall"}),
    ("hot pink backdrop", {"backdrop": "wall", "backdrop_colour": "pink"}),
    ("blank wall", {"backdrop": "wall"}),
    ("with ice cubes", {"surface": "snow"}),
    ("white wooden wall", {"backdrop": "wood panels", "backdrop_colour": "white"}),
    ("mother's day", {"backdrop": "flowers", "suggested": ("backdrop",)}),
    ("outer space with stars", {"backdrop": "city lights", "suggested": ("backdrop",)}),
    ("on slate, shallow depth of field, wide field of view", {"surface": "slate"}),
    ("navy enamel mug on a concrete table", {"surface": "concrete", "unknown": ("enamel", "mug")}),
    ("on marble with a red ribbon", {"surface": "marble", "unknown": ("ribbon",)}),
    ("on blue moroccan tiles", {"surface": "tiles", "surface_colour": "blue", "unknown": ("moroccan",)}),
    ("red envelopes",
     {"backdrop": "wall", "backdrop_colour": "red", "suggested": ("backdrop",), "unknown": ("envelopes",)}),
    ("water splash, ice cubes, blue background",
     {"surface": "water", "backdrop": "wall", "backdrop_colour": "blue", "unknown": ("splash",),
      "left_out": ("ice cube",)}),
    ("silk sheets, in bed", {"surface": "linen"}),
    ("on walnut planks", {"surface": "wood", "surface_variant": "walnut"}),
    ("weathered dock by the lake",
     {"surface": "wood", "surface_variant": "grey weathered wood", "backdrop": "beach"}),
    ("a deck by the pool, a rock in a river",
     {"surface": "wood", "backdrop": "beach", "left_out": ("rock",)}),
    ("a concrete plinth in a black void",
     {"surface": "podium", "surface_colour": "grey", "backdrop": "wall", "backdrop_colour": "black",
      "suggested": ("surface_colour",)}),
    ("emerald green velvet curtain", {"backdrop": "curtain", "backdrop_colour": "dark green"}),
    ("on oak, breezy linen curtains",
     {"surface": "wood", "surface_variant": "oak", "backdrop": "curtain", "unknown": ("breezy",)}),
    ("on slate, red rim light", {"surface": "slate", "light_direction": "back", "left_out": ("red rim light",)}),
    ("on a dark walnut desk", {"surface": "wood", "surface_variant": "walnut"}),
    ("dark oak floor", {"surface": "wood", "surface_variant": "dark wood"}),
    ("with ice cream on pink tiles", {"surface": "tiles", "surface_colour": "pink", "unknown": ("ice cream",)}),
    ("studio gradient #1A2B3C to #0d1117",
     {"backdrop": "gradient", "backdrop_colour": "navy", "left_out": ("black",)}),
    ("on a sage green (#9CAF88) wall", {"backdrop": "wall", "backdrop_colour": "sage"}),
    ("café, rosé backdrop",
     {"backdrop": "kitchen", "backdrop_colour": "pink"}),
    ("moss green wall, slate grey floor",
     {"surface": "wood", "surface_colour": "dark grey", "backdrop": "wall", "backdrop_colour": "olive",
      "suggested": ("surface",)}),
    ("rose gold watch on black marble",
     {"surface": "marble", "surface_colour": "black", "unknown": ("watch",)}),
    ("on a brass tray",
     {"surface": "metal", "surface_colour": "beige", "suggested": ("surface_colour",), "unknown": ("tray",)}),
    ("on oak with a mirror and brass details",
     {"surface": "wood", "surface_variant": "oak", "left_out": ("mirror", "brass")}),
    ("whisky bar",
     {"surface": "wood", "backdrop": "brick", "light_colour": "warm",
      "suggested": ("backdrop", "light_colour", "surface")}),
    ("parisian café terrace",
     {"surface": "wood", "backdrop": "garden", "suggested": ("backdrop", "surface"), "unknown": ("parisian",)}),
    ("marble kitchen island", {"surface": "marble", "backdrop": "kitchen"}),
    ("birch forest behind", {"surface": "moss", "backdrop": "forest", "suggested": ("surface",)}),
    ("coastal, whitewashed boards, linen curtains",
     {"surface": "wood", "surface_variant": "whitewashed wood", "backdrop": "curtain"}),
    ("on a gym floor, blurry locker room",
     {"surface": "wood", "backdrop": "wall", "suggested": ("backdrop", "surface")}),
    ("Lunar New Year",
     {"backdrop": "festive lights", "backdrop_colour": "red", "light_colour": "warm",
      "suggested": ("backdrop", "backdrop_colour", "light_colour")}),
    ("Black Friday",
     {"backdrop": "wall", "backdrop_colour": "black", "tone": "dark",
      "suggested": ("backdrop", "backdrop_colour", "tone")}),
    ("Father's Day",
     {"surface": "leather", "backdrop": "bookshelf", "light_colour": "warm",
      "suggested": ("backdrop", "light_colour", "surface")}),
    ("japandi", {"surface": "wood", "backdrop": "wall", "suggested": ("backdrop", "surface")}),
    ("mid-century modern", {"surface": "wood", "backdrop": "living room", "suggested": ("backdrop", "surface")}),
    ("cottagecore", {"surface": "linen", "backdrop": "garden", "suggested": ("backdrop", "surface")}),
    ("dark academia",
     {"surface": "wood", "backdrop": "bookshelf", "light_colour": "warm", "tone": "dark",
      "suggested": ("backdrop", "light_colour", "surface", "tone")}),
    ("on oak, leather and whisky bar",
     {"surface": "wood", "surface_variant": "oak", "backdrop": "brick", "light_colour": "warm",
      "suggested": ("backdrop", "light_colour"), "left_out": ("leather",)}),
    ("a black void", {"backdrop": "wall", "backdrop_colour": "black"}),
    ("whitewashed wall", {"backdrop": "plaster", "backdrop_colour": "white", "suggested": ("backdrop_colour",)}),
    ("red velvet theatre curtain", {"backdrop": "curtain", "backdrop_colour": "red"}),
    ("silver planets",
     {"backdrop": "wall", "backdrop_colour": "light grey", "suggested": ("backdrop",), "unknown": ("planets",)}),
    ("I don't want a table, just a plain blue background", {"backdrop": "wall", "backdrop_colour": "blue"}),
    ("home office, dusty rose accents",
     {"backdrop": "bookshelf", "backdrop_colour": "pink"}),
    ("", {}),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "expected"), TABLE)
def test_a_prompt_is_read_into_labels(prompt: str, expected: dict[str, object]) -> None:
    assert parse_prompt(prompt) == SceneAttributes(**expected)  # type: ignore[arg-type]


def test_words_nobody_knows_are_named_in_their_order() -> None:
    assert parse_prompt("on slate with lemons and rosemary").unknown == ("lemons", "rosemary")


def test_stop_words_are_no_unknown_words() -> None:
    assert parse_prompt("a beautiful professional photo of the product on oak").unknown == ()
    assert parse_prompt("Sale! Gift idea, back to school vibes, 45 degree angle, macro, ultra crisp").unknown == ()


@pytest.mark.parametrize("word", ["travel", "apple", "certain", "later", "story", "tricks"])
def test_a_word_that_is_spelt_right_is_not_taken_for_another(word: str) -> None:
    assert parse_prompt(f"with {word}") == SceneAttributes(unknown=(word,))


def test_a_typing_mistake_is_forgiven() -> None:
    assert parse_prompt("on marbel, brik wall").surface == "marble"


def test_a_suggestion_is_not_something_that_was_asked() -> None:
    wishes = parse_prompt("at the beach")
    assert wishes.surface == "sand"
    assert wishes.asked() == {"backdrop": "beach"}


def test_a_warm_wooden_table_does_not_ask_for_warm_light() -> None:
    wishes = parse_prompt("a warm wooden table")
    assert wishes.light_colour == "warm"
    assert wishes.asked() == {"surface": "wood"}


def test_a_window_on_the_left_means_light_from_the_left_but_a_plant_does_not() -> None:
    assert parse_prompt("a window on the left").light_direction == "left"
    assert parse_prompt("a plant on the left").light_direction is None


def test_a_prompt_without_any_known_word_is_empty() -> None:
    assert parse_prompt("qwertz uiop").is_empty
    assert not parse_prompt("oak").is_empty


@pytest.mark.parametrize(
    ("name", "label"), [("rustic oak", "wood"), ("wet stone", "slate"), ("paper", "paper"), ("white marble", "marble")]
)
def test_the_studio_name_of_a_surface_has_its_label(name: str, label: str) -> None:
    assert surface_label(name) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [("red brick", "brick"), ("slats", "wood panels"), ("city night", "city lights"), ("sweep", "wall")],
)
def test_the_studio_name_of_a_backdrop_has_its_label(name: str, label: str) -> None:
    assert backdrop_label(name) == label


ODD = [
    ("🎄🎁✨", ("🎄🎁✨",)),
    ("on oak 🎄", ("🎄",)),
    ("大理石のカウンター、朝の光", ("大理石のカウンター", "朝の光")),
    ("木", ("木",)),
    ("على طاولة خشبية", ("على", "طاولة", "خشبية")),
    ("संगमरमर", ("संगमरमर",)),
    ("łódź", ("łódź",)),
    ("12345 !!! —", ()),
    ("", ()),
]


@pytest.mark.parametrize(("prompt", "unknown"), ODD)
def test_words_of_other_scripts_and_pictures_are_named_whole_as_not_understood(
    prompt: str, unknown: tuple[str, ...]
) -> None:
    assert parse_prompt(prompt).unknown == unknown


UNSEEN = [
    "on white mar\x00ble", "on white mar\u200bble", "on \u202ewhite\u202c marble", "on ｗｈｉｔｅ marble",
    "on\twhite\x0bmarble", "'on white marble'", "on WHITE marble®", "on white marble\ufe0f",
]  # fmt: skip


@pytest.mark.parametrize("prompt", UNSEEN)
def test_what_cannot_be_seen_does_not_change_what_is_read(prompt: str) -> None:
    assert parse_prompt(prompt) == parse_prompt("on white marble")


def test_half_a_character_is_no_word_and_harms_nothing() -> None:
    assert parse_prompt("on oak \ud83d") == parse_prompt("on oak")


@pytest.mark.parametrize("prompt", ["bird's eye view of oak", "bird’s eye view of oak"])
def test_a_birds_eye_view_is_seen_from_above(prompt: str) -> None:
    assert parse_prompt(prompt) == parse_prompt("from above, oak")


def test_a_quoted_word_keeps_its_first_letter() -> None:
    assert parse_prompt("on 'sand'").surface == "sand"


def test_a_thousand_letters_of_nonsense_look_for_few_neighbours() -> None:
    nonsense = " ".join(f"marbl{first}{second}" for first in "bcdfgh" for second in "jkmpqvwxyz")
    parse_prompt.cache_clear()
    corrected.cache_clear()
    parse_prompt(f"{nonsense} {nonsense}"[:1000])
    assert 0 < corrected.cache_info().misses <= MOST_CORRECTED


HOSTILE = [
    "a" * 1000, "oak " * 250, "white " * 166, "not " * 250, "wood on " * 125, "," * 1000, "'s" * 500, "ﷺ" * 1000,
    "in front of " * 83, "🎄" * 1000, "a\u0301" * 500, "light grey " * 90,
]  # fmt: skip


@pytest.mark.timeout(10)
@pytest.mark.parametrize("prompt", HOSTILE)
def test_a_thousand_letters_of_anything_are_read(prompt: str) -> None:
    for _ in range(20):
        parse_prompt.cache_clear()
        parse_prompt(prompt)


def test_a_good_prompt_is_still_read_behind_a_bad_one() -> None:
    parse_prompt("\x00" * 1000)
    assert parse_prompt("on a wooden table, brick wall").asked() == {"surface": "wood", "backdrop": "brick"}
