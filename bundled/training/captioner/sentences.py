"""The sentences that the mini captioner learns to say, made from a quick scene's attributes. For its training only."""

from collections.abc import Mapping

from bundled.quick.materials.surfaces import SURFACES
from bundled.quick.scenery.backdrops import BACKDROPS
from shared.contracts.styles import Plate
from shared.contracts.vocabulary import COLOURS

PLURAL_OR_MASS = {
    "white marble", "black marble", "green marble", "pink marble", "beige marble", "concrete", "granite", "tiles",
    "terrazzo", "slate", "sand", "grass", "moss", "autumn leaves", "pebbles", "linen", "velvet", "snow", "acrylic",
    "paper", "metal", "water", "mountains", "flowers", "blue sky", "city lights", "festive lights", "wood panels",
}  # fmt: skip
SURFACE_WORDS = {
    "oak": "oak table", "walnut": "walnut table", "pine": "pine table", "white wood": "white wooden table",
    "dark wood": "dark wooden table", "leaves": "autumn leaves", "acrylic": "glossy surface", "metal": "metal table",
    "paper": "table", "sweep": "studio background",
}  # fmt: skip
BACKDROP_WORDS = {
    "plaster": "plaster wall", "red brick": "red brick wall", "white brick": "white brick wall",
    "grey brick": "grey brick wall",
    "shelf": "bookshelf", "sea": "the sea", "sky": "blue sky", "sunset": "sunset sky", "city": "city lights",
    "festive": "festive lights", "gradient": "gradient background",
}  # fmt: skip
PATTERN_WORDS = {"leaves": "leaf shadows", "blinds": "blinds shadows", "window": "window shadows"}
GRAMMAR = "a an the on before seen from above , light warm neutral cool left right front back soft hard shadows"


def scene_words(facts: Mapping[str, str]) -> str:
    """The one sentence that the mini captioner says for a scene with these attributes."""
    ground = _noun(SURFACE_WORDS.get(facts["surface"], facts["surface"]), facts["surface_colour"])
    place = f"on {ground}"
    if facts["surface"] == "sweep":
        place = f"before {ground}"
    elif facts["backdrop"]:
        place += f" before {_noun(BACKDROP_WORDS.get(facts['backdrop'], facts['backdrop']), facts['backdrop_colour'])}"
    else:
        place += " seen from above"
    shadows = PATTERN_WORDS.get(facts["pattern"], f"{facts['light_quality']} shadows")
    return f"{place} , {facts['light_colour']} light from the {facts['light_direction']} , {shadows}"


def _noun(words: str, colour: str) -> str:
    named = f"{colour} {words}".strip()
    mass = words in PLURAL_OR_MASS or words.split()[-1] in PLURAL_OR_MASS
    if mass or words.startswith("the "):
        return named
    return f"{'an' if named[0] in 'aeiou' else 'a'} {named}"


def every_word() -> list[str]:
    """All words that a sentence may hold, sorted."""
    tables = (SURFACES, BACKDROPS, COLOURS, SURFACE_WORDS.values(), BACKDROP_WORDS.values(), PATTERN_WORDS.values())
    return sorted({word for table in tables for phrase in table for word in phrase.split()} | set(GRAMMAR.split()))


def plate_words(plate: Plate) -> str:
    """The sentence for a style plate, in the words that the mini captioner has."""
    surface, backdrop = _known(plate.surface), _known(plate.backdrop)
    if surface and backdrop and plate.view == "standing":
        place = f"on {surface} before {backdrop}"
    elif plate.view == "flatlay":
        place = f"on {surface} seen from above"
    else:
        place = f"before {backdrop or surface}"
    light = plate.light
    return f"{place} , {light.colour} light from the {light.direction} , {light.hardness} shadows"


def _known(name: str | None) -> str:
    """A name reduced to known words, with its article."""
    known = set(every_word())
    plain = (name or "").lower().replace("kitchen counter", "surface").replace("counter", "surface")
    words = " ".join(word for word in plain.split() if word in known - {"a", "an", "the"})
    return _noun(words, "") if words else ""
